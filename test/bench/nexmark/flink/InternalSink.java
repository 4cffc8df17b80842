package nexmark;

import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.TableDescriptor;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.ProviderContext;
import org.apache.flink.table.connector.sink.DataStreamSinkProvider;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DynamicTableSinkFactory;
import org.apache.flink.streaming.api.datastream.DataStreamSink;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;

/** A table that counts what is written to it and drops it: Flink's black hole, with an accumulator. */
public final class InternalSink implements DynamicTableSinkFactory {
  static void discard(StreamTableEnvironment tables, Table result) {
    tables.createTemporaryTable("dropped", TableDescriptor.forConnector("nexmark-dropped")
        .schema(Schema.newBuilder().fromResolvedSchema(
            org.apache.flink.table.catalog.ResolvedSchema.of(result.getResolvedSchema().getColumns())).build()).build());
    tables.createStatementSet().addInsert("dropped", result).attachAsDataStream();
  }

  @Override public String factoryIdentifier() { return "nexmark-dropped"; }
  @Override public Set<ConfigOption<?>> requiredOptions() { return Set.of(); }
  @Override public Set<ConfigOption<?>> optionalOptions() { return Set.of(); }
  @Override public DynamicTableSink createDynamicTableSink(Context context) { return new Dropped(); }

  private static final class Dropped implements DynamicTableSink {
    @Override public ChangelogMode getChangelogMode(ChangelogMode requested) { return requested; }
    @Override public DynamicTableSink copy() { return new Dropped(); }
    @Override public String asSummaryString() { return "dropped"; }

    @Override
    public SinkRuntimeProvider getSinkRuntimeProvider(Context context) {
      return new DataStreamSinkProvider() {
        @Override
        public DataStreamSink<?> consumeDataStream(ProviderContext provider, DataStream<RowData> rows) {
          return rows.map(new Streams.Counted<>()).returns(rows.getType()).sinkTo(new DiscardingSink<>());
        }
      };
    }
  }
}
