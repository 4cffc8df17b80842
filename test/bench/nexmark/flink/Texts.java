package nexmark;

import java.util.SplittableRandom;

/** The texts of the events: names and cities, random words, channels, and the pool that `extra` is cut out of. */
final class Texts {
  static final String[] STATES = {"AZ", "CA", "ID", "OR", "WA", "WY"};
  static final String[] CITIES = {
    "Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland",
    "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"
  };
  static final String[] FIRST_NAMES = {
    "Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"
  };
  static final String[] LAST_NAMES = {
    "Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"
  };
  static final String[] HOT_CHANNELS = {"Google", "Facebook", "Baidu", "Apple"};
  static final int POOL_LENGTH = 1 << 20;
  static final int CHANNELS = 10_000;

  static final String POOL = pool(new SplittableRandom(1));
  static final String[] HOT_URLS = new String[HOT_CHANNELS.length];
  static final String[] CHANNEL_NAMES = new String[CHANNELS];
  static final String[] CHANNEL_URLS = new String[CHANNELS];

  static {
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < HOT_URLS.length; i++) HOT_URLS[i] = url(random);
    for (int i = 0; i < CHANNELS; i++) {
      String url = url(random);
      CHANNEL_NAMES[i] = "channel-" + i;
      CHANNEL_URLS[i] =
          random.nextInt(10) > 0 ? url + "&channel_id=" + Math.abs(Integer.reverse(i)) : url;
    }
  }

  private Texts() {}

  private static String url(SplittableRandom random) {
    return "https://www.nexmark.com/"
        + word(random, 5, '_') + '/' + word(random, 5, '_') + '/' + word(random, 5, '_')
        + "/item.htm?query=1";
  }

  static String word(SplittableRandom random, int maxLength, char special) {
    char[] letters = new char[3 + random.nextInt(maxLength - 3)];
    for (int i = 0; i < letters.length; i++)
      letters[i] = random.nextInt(13) == 0 ? special : (char) ('a' + random.nextInt(26));
    return new String(letters).trim();
  }

  static String creditCard(SplittableRandom random) {
    StringBuilder card = new StringBuilder(19);
    for (int i = 0; i < 4; i++) {
      String part = Integer.toString(random.nextInt(10_000));
      if (i > 0) card.append(' ');
      card.append("0000", 0, 4 - part.length()).append(part);
    }
    return card.toString();
  }

  private static String pool(SplittableRandom random) {
    char[] letters = new char[POOL_LENGTH];
    int drawn = 0;
    for (int i = 0; i < POOL_LENGTH; i++) {
      if (i % 6 == 0) drawn = random.nextInt();
      letters[i] = (char) ('a' + drawn % 26);
      drawn /= 26;
    }
    return new String(letters);
  }
}
