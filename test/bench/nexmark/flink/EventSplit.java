package nexmark;

import java.io.Serializable;
import org.apache.flink.api.connector.source.lib.util.IteratorSourceSplit;

/** A part of the events, with a random stream and a timeline of its own. */
public final class EventSplit implements IteratorSourceSplit<Event, Generator>, Serializable {
  final long firstEventId;
  final long count;
  final double delayUs;
  final long position;

  private EventSplit(long firstEventId, long count, double delayUs, long position) {
    this.firstEventId = firstEventId;
    this.count = count;
    this.delayUs = delayUs;
    this.position = position;
  }

  static EventSplit of(long events, double rate, int splits, int index) {
    long each = events / splits;
    long count = index < splits - 1 ? each : events - each * (splits - 1);
    return new EventSplit(1 + index * each, count, 1_000_000.0 / rate * splits, 0);
  }

  @Override
  public String splitId() {
    return Long.toString(firstEventId);
  }

  @Override
  public Generator getIterator() {
    return new Generator(this);
  }

  @Override
  public EventSplit getUpdatedSplitForIterator(Generator generator) {
    return new EventSplit(firstEventId, count, delayUs, generator.position());
  }
}
