package nexmark;

/** One of three; the others are null. Flink takes it for a POJO: public fields, and a constructor without arguments. */
public class Event {
  public Person person;
  public Auction auction;
  public Bid bid;

  public long time() {
    return bid != null ? bid.dateTime : auction != null ? auction.dateTime : person.dateTime;
  }

  public static class Person {
    public long id;
    public String name;
    public String emailAddress;
    public String creditCard;
    public String city;
    public String state;
    public long dateTime;
    public String extra;
  }

  public static class Auction {
    public long id;
    public String itemName;
    public String description;
    public long initialBid;
    public long reserve;
    public long dateTime;
    public long expires;
    public long seller;
    public long category;
    public String extra;
  }

  public static class Bid {
    public long auction;
    public long bidder;
    public long price;
    public String channel;
    public String url;
    public long dateTime;
    public String extra;
  }
}
