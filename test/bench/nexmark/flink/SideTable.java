package nexmark;

import org.apache.flink.table.functions.ScalarFunction;

/** The value of a key in a table that does not change. */
public class SideTable extends ScalarFunction {
  private static final String[] VALUES = new String[10_000];

  static {
    for (int i = 0; i < VALUES.length; i++) VALUES[i] = Integer.toString(i);
  }

  public String eval(Long key) {
    return VALUES[key.intValue()];
  }
}
