package nexmark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeHint;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.api.java.tuple.Tuple4;
import org.apache.flink.api.java.tuple.Tuple5;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.functions.windowing.ProcessAllWindowFunction;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/** The queries as somebody writes them with Flink's DataStream API who wants them fast: tuples before each keyBy. */
final class Streams {
  private final DataStream<Event> events;

  Streams(StreamExecutionEnvironment env, EventSource<Event> source) {
    WatermarkStrategy<Event> watermarks =
        WatermarkStrategy.<Event>forBoundedOutOfOrderness(Duration.ofSeconds(4))
            .withTimestampAssigner((event, time) -> event.time());
    events = env.fromSource(source, watermarks, "events");
  }

  void build(String query) {
    switch (query) {
      case "q0" -> discard(bids().map(b -> new Tuple5<>(b.auction, b.bidder, b.price, b.dateTime, b.extra))
          .returns(new TypeHint<Tuple5<Long, Long, Long, Long, String>>() {}));
      case "q1" -> discard(bids().map(b -> new Tuple5<>(b.auction, b.bidder, b.price * 0.908, b.dateTime, b.extra))
          .returns(new TypeHint<Tuple5<Long, Long, Double, Long, String>>() {}));
      case "q2" -> discard(bids().filter(b -> b.auction % 123 == 0).map(b -> new Tuple2<>(b.auction, b.price))
          .returns(new TypeHint<Tuple2<Long, Long>>() {}));
      case "q3" -> q3();
      case "q5" -> q5();
      case "q7" -> q7();
      case "q8" -> q8();
      case "q11" -> q11();
      default -> throw new IllegalArgumentException(query + " has no DataStream version");
    }
  }

  private void q3() {
    DataStream<Event.Person> persons =
        persons().filter(p -> p.state.equals("OR") || p.state.equals("ID") || p.state.equals("CA"));
    DataStream<Tuple2<Long, Long>> auctions =
        auctions().filter(a -> a.category == 10).map(a -> new Tuple2<>(a.seller, a.id))
            .returns(new TypeHint<Tuple2<Long, Long>>() {});
    discard(auctions.keyBy(a -> a.f0)
        .connect(persons.map(p -> new Tuple4<>(p.id, p.name, p.city, p.state))
            .returns(new TypeHint<Tuple4<Long, String, String, String>>() {}).keyBy(p -> p.f0))
        .process(new LocalItems()));
  }

  private static final class LocalItems extends KeyedCoProcessFunction<
      Long, Tuple2<Long, Long>, Tuple4<Long, String, String, String>, Tuple4<String, String, String, Long>> {
    private transient ValueState<Tuple4<Long, String, String, String>> seller;
    private transient ListState<Long> waiting;

    @Override
    public void open(OpenContext context) {
      seller = getRuntimeContext().getState(new ValueStateDescriptor<>(
          "seller", new TypeHint<Tuple4<Long, String, String, String>>() {}.getTypeInfo()));
      waiting = getRuntimeContext().getListState(new ListStateDescriptor<>("waiting", Types.LONG));
    }

    @Override
    public void processElement1(Tuple2<Long, Long> auction, Context context,
        Collector<Tuple4<String, String, String, Long>> out) throws Exception {
      Tuple4<Long, String, String, String> person = seller.value();
      if (person == null) waiting.add(auction.f1);
      else out.collect(new Tuple4<>(person.f1, person.f2, person.f3, auction.f1));
    }

    @Override
    public void processElement2(Tuple4<Long, String, String, String> person, Context context,
        Collector<Tuple4<String, String, String, Long>> out) throws Exception {
      seller.update(person);
      for (Long auction : waiting.get()) out.collect(new Tuple4<>(person.f1, person.f2, person.f3, auction));
      waiting.clear();
    }
  }

  private void q5() {
    DataStream<Tuple3<Long, Long, Long>> counts = bids().map(b -> b.auction).returns(Types.LONG)
        .keyBy(auction -> auction)
        .window(SlidingEventTimeWindows.of(Duration.ofSeconds(10), Duration.ofSeconds(2)))
        .aggregate(new Count<>(), new ProcessWindowFunction<Long, Tuple3<Long, Long, Long>, Long, TimeWindow>() {
          @Override
          public void process(Long auction, Context context, Iterable<Long> count,
              Collector<Tuple3<Long, Long, Long>> out) {
            out.collect(new Tuple3<>(context.window().getEnd(), auction, count.iterator().next()));
          }
        });
    discard(counts.keyBy(c -> c.f0)
        .window(TumblingEventTimeWindows.of(Duration.ofSeconds(2)))
        .aggregate(new Hottest())
        .flatMap((List<Tuple3<Long, Long, Long>> all, Collector<Tuple3<Long, Long, Long>> out) -> all.forEach(out::collect))
        .returns(new TypeHint<Tuple3<Long, Long, Long>>() {}));
  }

  private static final class Count<T> implements AggregateFunction<T, Long, Long> {
    @Override public Long createAccumulator() { return 0L; }
    @Override public Long add(T value, Long count) { return count + 1; }
    @Override public Long getResult(Long count) { return count; }
    @Override public Long merge(Long a, Long b) { return a + b; }
  }

  private static final class Hottest implements AggregateFunction<
      Tuple3<Long, Long, Long>, List<Tuple3<Long, Long, Long>>, List<Tuple3<Long, Long, Long>>> {
    @Override public List<Tuple3<Long, Long, Long>> createAccumulator() { return new ArrayList<>(); }

    @Override
    public List<Tuple3<Long, Long, Long>> add(Tuple3<Long, Long, Long> one, List<Tuple3<Long, Long, Long>> hottest) {
      long most = hottest.isEmpty() ? 0 : hottest.get(0).f2;
      if (one.f2 > most) hottest.clear();
      if (one.f2 >= most) hottest.add(one);
      return hottest;
    }

    @Override public List<Tuple3<Long, Long, Long>> getResult(List<Tuple3<Long, Long, Long>> hottest) { return hottest; }

    @Override
    public List<Tuple3<Long, Long, Long>> merge(List<Tuple3<Long, Long, Long>> a, List<Tuple3<Long, Long, Long>> b) {
      for (Tuple3<Long, Long, Long> one : b) add(one, a);
      return a;
    }
  }

  /** The highest bid of a window, whichever of equal ones. */
  private void q7() {
    TypeInformation<Tuple5<Long, Long, Long, Long, String>> type =
        new TypeHint<Tuple5<Long, Long, Long, Long, String>>() {}.getTypeInfo();
    discard(bids().map(b -> new Tuple5<>(b.auction, b.price, b.bidder, b.dateTime, b.extra)).returns(type)
        .keyBy(b -> b.f0)
        .window(TumblingEventTimeWindows.of(Duration.ofSeconds(10)))
        .reduce((a, b) -> b.f1 > a.f1 ? b : a)
        .windowAll(TumblingEventTimeWindows.of(Duration.ofSeconds(10)))
        .reduce((a, b) -> b.f1 > a.f1 ? b : a, new ProcessAllWindowFunction<
            Tuple5<Long, Long, Long, Long, String>, Tuple5<Long, Long, Long, Long, String>, TimeWindow>() {
          @Override
          public void process(Context context, Iterable<Tuple5<Long, Long, Long, Long, String>> best,
              Collector<Tuple5<Long, Long, Long, Long, String>> out) {
            out.collect(best.iterator().next());
          }
        }));
  }

  private void q8() {
    DataStream<Tuple2<Long, String>> persons = persons().map(p -> new Tuple2<>(p.id, p.name))
        .returns(new TypeHint<Tuple2<Long, String>>() {});
    DataStream<Long> sellers = auctions().map(a -> a.seller).returns(Types.LONG);
    discard(persons.coGroup(sellers).where(p -> p.f0).equalTo(seller -> seller)
        .window(TumblingEventTimeWindows.of(Duration.ofSeconds(10)))
        .apply((Iterable<Tuple2<Long, String>> joined, Iterable<Long> sold, Collector<Tuple2<Long, String>> out) -> {
          if (sold.iterator().hasNext()) joined.forEach(out::collect);
        }, new TypeHint<Tuple2<Long, String>>() {}.getTypeInfo()));
  }

  private void q11() {
    discard(bids().map(b -> b.bidder).returns(Types.LONG)
        .keyBy(bidder -> bidder)
        // Flink's sessions touch where the gap is less than said; the query's at the very gap too.
        .window(EventTimeSessionWindows.withGap(Duration.ofMillis(10_001)))
        .aggregate(new Count<>(), new ProcessWindowFunction<Long, Tuple4<Long, Long, Long, Long>, Long, TimeWindow>() {
          @Override
          public void process(Long bidder, Context context, Iterable<Long> count,
              Collector<Tuple4<Long, Long, Long, Long>> out) {
            TimeWindow window = context.window();
            out.collect(new Tuple4<>(bidder, count.iterator().next(), window.getStart(), window.getEnd() - 1));
          }
        }));
  }

  private DataStream<Event.Bid> bids() {
    return events.filter(e -> e.bid != null).map(e -> e.bid).returns(Event.Bid.class);
  }

  private DataStream<Event.Auction> auctions() {
    return events.filter(e -> e.auction != null).map(e -> e.auction).returns(Event.Auction.class);
  }

  private DataStream<Event.Person> persons() {
    return events.filter(e -> e.person != null).map(e -> e.person).returns(Event.Person.class);
  }

  private static <T> void discard(DataStream<T> rows) {
    rows.map(new Counted<>()).returns(rows.getType()).sinkTo(new DiscardingSink<>());
  }

  /** Rows that came, for the accumulator that the job reports. */
  static final class Counted<T> extends RichMapFunction<T, T> {
    private final LongCounter rows = new LongCounter();

    @Override
    public void open(OpenContext context) {
      getRuntimeContext().addAccumulator("rows", rows);
    }

    @Override
    public T map(T row) {
      rows.add(1);
      return row;
    }
  }
}
