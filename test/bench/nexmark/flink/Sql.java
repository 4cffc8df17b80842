package nexmark;

import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;

/** The queries in SQL, as a user of Flink writes them, with the settings that its benchmark recommends. */
final class Sql {
  private static final DataType PERSON = DataTypes.ROW(
      DataTypes.FIELD("id", DataTypes.BIGINT()), DataTypes.FIELD("name", DataTypes.STRING()),
      DataTypes.FIELD("emailAddress", DataTypes.STRING()), DataTypes.FIELD("creditCard", DataTypes.STRING()),
      DataTypes.FIELD("city", DataTypes.STRING()), DataTypes.FIELD("state", DataTypes.STRING()),
      DataTypes.FIELD("ts", DataTypes.TIMESTAMP(3)), DataTypes.FIELD("extra", DataTypes.STRING()));
  private static final DataType AUCTION = DataTypes.ROW(
      DataTypes.FIELD("id", DataTypes.BIGINT()), DataTypes.FIELD("itemName", DataTypes.STRING()),
      DataTypes.FIELD("description", DataTypes.STRING()), DataTypes.FIELD("initialBid", DataTypes.BIGINT()),
      DataTypes.FIELD("reserve", DataTypes.BIGINT()), DataTypes.FIELD("ts", DataTypes.TIMESTAMP(3)),
      DataTypes.FIELD("expires", DataTypes.TIMESTAMP(3)), DataTypes.FIELD("seller", DataTypes.BIGINT()),
      DataTypes.FIELD("category", DataTypes.BIGINT()), DataTypes.FIELD("extra", DataTypes.STRING()));
  private static final DataType BID = DataTypes.ROW(
      DataTypes.FIELD("auction", DataTypes.BIGINT()), DataTypes.FIELD("bidder", DataTypes.BIGINT()),
      DataTypes.FIELD("price", DataTypes.BIGINT()), DataTypes.FIELD("channel", DataTypes.STRING()),
      DataTypes.FIELD("url", DataTypes.STRING()), DataTypes.FIELD("ts", DataTypes.TIMESTAMP(3)),
      DataTypes.FIELD("extra", DataTypes.STRING()));
  private static final DataType EVENT = DataTypes.ROW(
      DataTypes.FIELD("kind", DataTypes.INT()), DataTypes.FIELD("person", PERSON),
      DataTypes.FIELD("auction", AUCTION), DataTypes.FIELD("bid", BID));

  static final TypeInformation<RowData> TYPE = InternalTypeInfo.of((RowType) EVENT.getLogicalType());

  private static final Map<String, String> SETTINGS = Map.of(
      "table.exec.mini-batch.enabled", "true",
      "table.exec.mini-batch.allow-latency", "2 s",
      "table.exec.mini-batch.size", "50000",
      "table.optimizer.distinct-agg.split.enabled", "true");

  private static final String RANKS =
      "COUNT(*) FILTER (WHERE price < 10000), "
      + "COUNT(*) FILTER (WHERE price >= 10000 AND price < 1000000), "
      + "COUNT(*) FILTER (WHERE price >= 1000000)";

  private static String distinct(String column) {
    return "COUNT(DISTINCT " + column + "), "
        + "COUNT(DISTINCT " + column + ") FILTER (WHERE price < 10000), "
        + "COUNT(DISTINCT " + column + ") FILTER (WHERE price >= 10000 AND price < 1000000), "
        + "COUNT(DISTINCT " + column + ") FILTER (WHERE price >= 1000000)";
  }

  private static final String STATISTICS = "COUNT(*), " + RANKS + ", " + distinct("bidder") + ", " + distinct("auction");
  private static final String DAY = "DATE_FORMAT(ts, 'yyyy-MM-dd')";
  private static final String WON = "FROM auction A, bid B WHERE A.id = B.auction AND B.ts BETWEEN A.ts AND A.expires";
  private static final String BID_COLUMNS = "auction, bidder, price, channel, url, ts, extra";

  private static final Map<String, String> QUERIES = Map.ofEntries(
      Map.entry("q0", "SELECT auction, bidder, price, ts, extra FROM bid"),
      Map.entry("q1", "SELECT auction, bidder, 0.908 * price, ts, extra FROM bid"),
      Map.entry("q2", "SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0"),
      Map.entry("q3", "SELECT P.name, P.city, P.state, A.id FROM auction A JOIN person P ON A.seller = P.id "
          + "WHERE A.category = 10 AND P.state IN ('OR', 'ID', 'CA')"),
      Map.entry("q4", "SELECT category, AVG(best) FROM ("
          + "SELECT MAX(B.price) AS best, A.category, A.id " + WON + " GROUP BY A.id, A.category) GROUP BY category"),
      Map.entry("q5", "SELECT C.auction, C.num FROM ("
          + "SELECT auction, COUNT(*) AS num, window_start, window_end "
          + "FROM TABLE(HOP(TABLE bid, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' SECOND)) "
          + "GROUP BY auction, window_start, window_end) C JOIN ("
          + "SELECT MAX(num) AS most, window_start, window_end FROM ("
          + "SELECT COUNT(*) AS num, window_start, window_end "
          + "FROM TABLE(HOP(TABLE bid, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' SECOND)) "
          + "GROUP BY auction, window_start, window_end) GROUP BY window_start, window_end) M "
          + "ON C.window_start = M.window_start AND C.window_end = M.window_end AND C.num >= M.most"),
      Map.entry("q7", "SELECT B.auction, B.price, B.bidder, B.ts, B.extra FROM bid B JOIN ("
          + "SELECT MAX(price) AS most, window_end AS ends "
          + "FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(ts), INTERVAL '10' SECOND)) "
          + "GROUP BY window_start, window_end) W ON B.price = W.most "
          + "WHERE B.ts BETWEEN W.ends - INTERVAL '10' SECOND AND W.ends"),
      Map.entry("q8", "SELECT P.id, P.name, P.window_start FROM ("
          + "SELECT id, name, window_start, window_end "
          + "FROM TABLE(TUMBLE(TABLE person, DESCRIPTOR(ts), INTERVAL '10' SECOND)) "
          + "GROUP BY id, name, window_start, window_end) P JOIN ("
          + "SELECT seller, window_start, window_end "
          + "FROM TABLE(TUMBLE(TABLE auction, DESCRIPTOR(ts), INTERVAL '10' SECOND)) "
          + "GROUP BY seller, window_start, window_end) A "
          + "ON P.id = A.seller AND P.window_start = A.window_start AND P.window_end = A.window_end"),
      Map.entry("q9", "SELECT id, itemName, description, initialBid, reserve, ts, expires, seller, category, extra, "
          + "auction, bidder, price, bidTime, bidExtra FROM (SELECT A.*, B.auction, B.bidder, B.price, "
          + "B.ts AS bidTime, B.extra AS bidExtra, "
          + "ROW_NUMBER() OVER (PARTITION BY A.id ORDER BY B.price DESC, B.ts ASC) AS place " + WON + ") WHERE place <= 1"),
      Map.entry("q10", "SELECT auction, bidder, price, ts, extra, " + DAY + ", DATE_FORMAT(ts, 'HH:mm') FROM bid"),
      Map.entry("q11", "SELECT bidder, COUNT(*), SESSION_START(ts, INTERVAL '10' SECOND), "
          + "SESSION_END(ts, INTERVAL '10' SECOND) FROM bid GROUP BY bidder, SESSION(ts, INTERVAL '10' SECOND)"),
      Map.entry("q12", "SELECT bidder, COUNT(*), window_start, window_end FROM TABLE(TUMBLE(TABLE bid_now, "
          + "DESCRIPTOR(arrival), INTERVAL '10' SECOND)) GROUP BY bidder, window_start, window_end"),
      Map.entry("q14", "SELECT auction, bidder, 0.908 * price, CASE WHEN HOUR(ts) BETWEEN 8 AND 18 THEN 'dayTime' "
          + "WHEN HOUR(ts) <= 6 OR HOUR(ts) >= 20 THEN 'nightTime' ELSE 'otherTime' END, ts, extra, "
          + "CHAR_LENGTH(extra) - CHAR_LENGTH(REPLACE(extra, 'c', '')) FROM bid "
          + "WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000"),
      Map.entry("q15", "SELECT " + DAY + ", " + STATISTICS + " FROM bid GROUP BY " + DAY),
      Map.entry("q16", "SELECT channel, " + DAY + ", MAX(DATE_FORMAT(ts, 'HH:mm')), " + STATISTICS
          + " FROM bid GROUP BY channel, " + DAY),
      Map.entry("q17", "SELECT auction, " + DAY + ", COUNT(*), " + RANKS
          + ", MIN(price), MAX(price), AVG(price), SUM(price) FROM bid GROUP BY auction, " + DAY),
      Map.entry("q18", "SELECT " + BID_COLUMNS + " FROM (SELECT *, ROW_NUMBER() OVER ("
          + "PARTITION BY bidder, auction ORDER BY ts DESC) AS place FROM bid) WHERE place <= 1"),
      Map.entry("q19", "SELECT " + BID_COLUMNS + ", place FROM (SELECT *, ROW_NUMBER() OVER ("
          + "PARTITION BY auction ORDER BY price DESC) AS place FROM bid) WHERE place <= 10"),
      Map.entry("q20", "SELECT B.auction, B.bidder, B.price, B.channel, B.url, B.ts, B.extra, A.itemName, "
          + "A.description, A.initialBid, A.reserve, A.ts, A.expires, A.seller, A.category, A.extra "
          + "FROM bid B JOIN auction A ON B.auction = A.id WHERE A.category = 10"),
      Map.entry("q21", "SELECT auction, bidder, price, channel, channelId FROM (SELECT *, CASE LOWER(channel) "
          + "WHEN 'apple' THEN '0' WHEN 'google' THEN '1' WHEN 'facebook' THEN '2' WHEN 'baidu' THEN '3' "
          + "ELSE REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) END AS channelId FROM bid) WHERE channelId IS NOT NULL"),
      Map.entry("q22", "SELECT auction, bidder, price, channel, SPLIT_INDEX(url, '/', 3), SPLIT_INDEX(url, '/', 4), "
          + "SPLIT_INDEX(url, '/', 5) FROM bid"));

  private final StreamTableEnvironment tables;

  Sql(StreamExecutionEnvironment env, EventSource<RowData> source) {
    tables = StreamTableEnvironment.create(env);
    tables.getConfig().setLocalTimeZone(java.time.ZoneOffset.UTC);
    SETTINGS.forEach((key, value) -> tables.getConfig().set(key, value));
    DataStream<RowData> rows = env.fromSource(
        source, org.apache.flink.api.common.eventtime.WatermarkStrategy.noWatermarks(), "events");
    tables.createTemporaryView("events", rows, Schema.newBuilder()
        .column("kind", DataTypes.INT()).column("person", PERSON).column("auction", AUCTION).column("bid", BID)
        .columnByExpression("ts",
            "CASE WHEN kind = 0 THEN person.ts WHEN kind = 1 THEN auction.ts ELSE bid.ts END")
        .columnByExpression("arrival", "PROCTIME()")
        .watermark("ts", "ts - INTERVAL '4' SECOND")
        .build());
    view("person", 0, "id", "name", "emailAddress", "creditCard", "city", "state", "", "extra");
    view("auction", 1, "id", "itemName", "description", "initialBid", "reserve", "", "expires", "seller", "category", "extra");
    view("bid", 2, "auction", "bidder", "price", "channel", "url", "", "extra");
    tables.executeSql("CREATE TEMPORARY VIEW bid_now AS SELECT bid.bidder AS bidder, arrival FROM events WHERE kind = 2");
  }

  /** An empty column is the event's time. */
  private void view(String name, int kind, String... columns) {
    StringBuilder list = new StringBuilder();
    for (String column : columns) {
      if (list.length() > 0) list.append(", ");
      list.append(column.isEmpty() ? "ts" : "events." + name + "." + column + " AS " + column);
    }
    tables.executeSql("CREATE TEMPORARY VIEW " + name + " AS SELECT " + list + " FROM events WHERE kind = " + kind);
  }

  void build(String query) {
    if (query.equals("q13")) sideTable();
    String text = query.equals("q13")
        ? "SELECT B.auction, B.bidder, B.price, B.ts, side(MOD(B.auction, 10000)) FROM bid B"
        : QUERIES.get(query);
    if (text == null) throw new IllegalArgumentException("no query is called " + query);
    Table result = tables.sqlQuery(text);
    InternalSink.discard(tables, result);
  }

  /** The side table of 10,000 rows, in memory. */
  private void sideTable() {
    tables.createTemporarySystemFunction("side", SideTable.class);
  }

  static RowData row(Event event) {
    GenericRowData row = new GenericRowData(4);
    if (event.bid != null) {
      row.setField(0, 2);
      row.setField(3, bid(event.bid));
    } else if (event.auction != null) {
      row.setField(0, 1);
      row.setField(2, auction(event.auction));
    } else {
      row.setField(0, 0);
      row.setField(1, person(event.person));
    }
    return row;
  }

  private static RowData bid(Event.Bid b) {
    return GenericRowData.of(b.auction, b.bidder, b.price, text(b.channel), text(b.url), time(b.dateTime), text(b.extra));
  }

  private static RowData auction(Event.Auction a) {
    return GenericRowData.of(a.id, text(a.itemName), text(a.description), a.initialBid, a.reserve,
        time(a.dateTime), time(a.expires), a.seller, a.category, text(a.extra));
  }

  private static RowData person(Event.Person p) {
    return GenericRowData.of(p.id, text(p.name), text(p.emailAddress), text(p.creditCard), text(p.city),
        text(p.state), time(p.dateTime), text(p.extra));
  }

  private static StringData text(String text) {
    return StringData.fromString(text);
  }

  private static TimestampData time(long ms) {
    return TimestampData.fromEpochMillis(ms);
  }
}
