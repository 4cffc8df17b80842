package nexmark;

import java.util.Iterator;
import java.util.SplittableRandom;

/** The events of one split, as notebooks/nexmark/generator.ts makes them. */
final class Generator implements Iterator<Event> {
  private static final long BASE_TIME = 1_436_918_400_000L;
  private static final long FIRST_ID = 1_000;
  private static final int EVENTS_IN_FLIGHT = 1_666;

  private final EventSplit split;
  private final SplittableRandom random;
  private long events;

  Generator(EventSplit split) {
    this.split = split;
    this.random = new SplittableRandom(3 + split.firstEventId);
    // A split that was restored goes on at its position; the stream of chance is drawn anew up to there.
    while (events < split.position) next();
  }

  long position() {
    return events;
  }

  EventSplit split() {
    return split;
  }

  @Override
  public boolean hasNext() {
    return events < split.count;
  }

  @Override
  public Event next() {
    long number = ++events;
    long id = split.firstEventId + number;
    long kind = id % 50;
    Event event = new Event();
    if (kind == 0) event.person = person(id, number);
    else if (kind < 4) event.auction = auction(id, number);
    else event.bid = bid(id, number);
    return event;
  }

  private Event.Person person(long id, long number) {
    Event.Person it = new Event.Person();
    it.id = lastPerson(id) + FIRST_ID;
    it.name = pick(Texts.FIRST_NAMES) + ' ' + pick(Texts.LAST_NAMES);
    it.emailAddress = Texts.word(random, 7, ' ') + '@' + Texts.word(random, 5, ' ') + ".com";
    it.creditCard = Texts.creditCard(random);
    it.city = pick(Texts.CITIES);
    it.state = pick(Texts.STATES);
    int length =
        it.name.length() + it.emailAddress.length() + it.creditCard.length()
            + it.city.length() + it.state.length();
    it.extra = extra(8 + length, 200);
    it.dateTime = timeOf(number);
    return it;
  }

  private Event.Auction auction(long id, long number) {
    Event.Auction it = new Event.Auction();
    long person = lastPerson(id);
    it.id = lastAuction(id) + FIRST_ID;
    it.seller = (random.nextInt(4) > 0 ? person / 100 * 100 : somePerson(person)) + FIRST_ID;
    it.category = 10 + random.nextInt(5);
    it.initialBid = price();
    it.dateTime = timeOf(number);
    long flight = timeOf(number + EVENTS_IN_FLIGHT) - it.dateTime;
    it.expires = it.dateTime + 1 + random.nextInt((int) Math.max(2 * flight, 1));
    it.itemName = Texts.word(random, 20, ' ');
    it.description = Texts.word(random, 100, ' ');
    it.reserve = it.initialBid + price();
    it.extra = extra(48 + it.itemName.length() + it.description.length(), 500);
    return it;
  }

  private Event.Bid bid(long id, long number) {
    Event.Bid it = new Event.Bid();
    long newest = lastAuction(id);
    it.auction = (random.nextInt(2) > 0 ? newest / 100 * 100 : someAuction(newest)) + FIRST_ID;
    long person = lastPerson(id);
    it.bidder = (random.nextInt(4) > 0 ? person / 100 * 100 + 1 : somePerson(person)) + 2 * FIRST_ID;
    it.price = price();
    if (random.nextInt(2) > 0) {
      int i = random.nextInt(Texts.HOT_CHANNELS.length);
      it.channel = Texts.HOT_CHANNELS[i];
      it.url = Texts.HOT_URLS[i];
    } else {
      int i = random.nextInt(Texts.CHANNELS);
      it.channel = Texts.CHANNEL_NAMES[i];
      it.url = Texts.CHANNEL_URLS[i];
    }
    it.extra = extra(32, 100);
    it.dateTime = timeOf(number);
    return it;
  }

  private long timeOf(long number) {
    return BASE_TIME + (long) (number * split.delayUs) / 1_000;
  }

  private String extra(int size, int averageSize) {
    if (size > averageSize) return "";
    int missing = averageSize - size;
    int delta = (int) Math.round(missing * 0.2);
    int length = missing - delta + (delta == 0 ? 0 : random.nextInt(2 * delta));
    int at = random.nextInt(Texts.POOL_LENGTH - length);
    return Texts.POOL.substring(at, at + length);
  }

  private long price() {
    return Math.round(Math.pow(10.0, random.nextDouble() * 6.0) * 100.0);
  }

  private String pick(String[] all) {
    return all[random.nextInt(all.length)];
  }

  private static long lastPerson(long id) {
    return id / 50;
  }

  private static long lastAuction(long id) {
    long kind = id % 50;
    return kind == 0 ? (id / 50 - 1) * 3 + 2 : id / 50 * 3 + (kind < 4 ? kind - 1 : 2);
  }

  private long somePerson(long newest) {
    long active = Math.min(newest + 1, 1_000);
    return newest + 1 - active + random.nextInt((int) active + 10);
  }

  private long someAuction(long newest) {
    long oldest = Math.max(newest - 100, 0);
    return oldest + random.nextInt((int) (newest - oldest) + 1 + 10);
  }
}
