package nexmark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.lib.util.IteratorSourceEnumerator;
import org.apache.flink.api.connector.source.lib.util.IteratorSourceReaderBase;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.util.InstantiationUtil;

/** The events, each as what `convert` makes of it: POJOs for DataStream, rows for SQL. */
final class EventSource<T>
    implements Source<T, EventSplit, Collection<EventSplit>>, ResultTypeQueryable<T> {
  interface Convert<T> extends Function<Event, T>, Serializable {}

  private final long events;
  private final double rate;
  private final int splits;
  private final Convert<T> convert;
  private final TypeInformation<T> type;

  EventSource(long events, double rate, int splits, Convert<T> convert, TypeInformation<T> type) {
    this.events = events;
    this.rate = rate;
    this.splits = splits;
    this.convert = convert;
    this.type = type;
  }

  @Override
  public Boundedness getBoundedness() {
    return Boundedness.BOUNDED;
  }

  @Override
  public TypeInformation<T> getProducedType() {
    return type;
  }

  @Override
  public SourceReader<T, EventSplit> createReader(SourceReaderContext context) {
    return new IteratorSourceReaderBase<Event, T, Generator, EventSplit>(context) {
      @Override
      protected T convert(Event event) {
        return convert.apply(event);
      }
    };
  }

  @Override
  public SplitEnumerator<EventSplit, Collection<EventSplit>> createEnumerator(
      SplitEnumeratorContext<EventSplit> context) {
    List<EventSplit> all = new ArrayList<>();
    for (int i = 0; i < splits; i++) all.add(EventSplit.of(events, rate, splits, i));
    return restoreEnumerator(context, all);
  }

  @Override
  public SplitEnumerator<EventSplit, Collection<EventSplit>> restoreEnumerator(
      SplitEnumeratorContext<EventSplit> context, Collection<EventSplit> rest) {
    return new IteratorSourceEnumerator<>(context, rest);
  }

  @Override
  public SimpleVersionedSerializer<EventSplit> getSplitSerializer() {
    return new JavaSerializer<>();
  }

  @Override
  public SimpleVersionedSerializer<Collection<EventSplit>> getEnumeratorCheckpointSerializer() {
    return new JavaSerializer<>();
  }

  private static final class JavaSerializer<V> implements SimpleVersionedSerializer<V> {
    @Override
    public int getVersion() {
      return 1;
    }

    @Override
    public byte[] serialize(V value) throws java.io.IOException {
      return InstantiationUtil.serializeObject(value);
    }

    @Override
    public V deserialize(int version, byte[] bytes) throws java.io.IOException {
      try {
        return InstantiationUtil.deserializeObject(bytes, EventSplit.class.getClassLoader());
      } catch (ClassNotFoundException error) {
        throw new java.io.IOException(error);
      }
    }
  }
}
