package nexmark;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** One query as a job: `Main stream|sql QUERY EVENTS RATE SPLITS`; the rows' number is its accumulator `rows`. */
public final class Main {
  private Main() {}

  public static void main(String[] args) throws Exception {
    String query = args[1];
    long events = Long.parseLong(args[2]);
    double rate = Double.parseDouble(args[3]);
    int splits = Integer.parseInt(args[4]);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.getConfig().enableObjectReuse();
    if (args[0].equals("stream"))
      new Streams(env, new EventSource<>(events, rate, splits, event -> event, TypeInformation.of(Event.class)))
          .build(query);
    else new Sql(env, new EventSource<>(events, rate, splits, Sql::row, Sql.TYPE)).build(query);
    env.execute(query + " " + args[0]);
  }
}
