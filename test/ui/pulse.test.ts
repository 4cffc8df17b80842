import { expect, test } from 'vitest';
import { Pulse } from '../../cli/ui/pulse.ts';
import { createScreenStore, type ScreenStore } from '../../cli/ui/store.ts';
import { FakeClock } from '../harness/fake-clock.ts';

class Fixture {
  // Not on the full second, on which the heartbeat falls.
  readonly clock = new FakeClock(Date.UTC(2026, 0, 1) + 1);
  readonly store: ScreenStore = createScreenStore(true);
  beats = 0;
  readonly pulse = new Pulse(this.store, this.clock, () => void this.beats++);

  /** For `ms`, every millisecond something new. */
  change(ms: number): void {
    for (let i = 0; i < ms; i++) {
      this.store.update({ notice: { text: String(i), severity: 'info', atMs: 0 } });
      this.clock.advance(1);
    }
  }
}

test('the first change after a pause is shown at once', () => {
  const fixture = new Fixture();
  fixture.store.update({ isEmbedded: false });
  expect(fixture.beats).toBe(1);
  expect(fixture.pulse.model.isEmbedded).toBe(false);
});

test('data comes ten times a second with the focus, twice without', () => {
  const fixture = new Fixture();
  fixture.change(899);
  expect(fixture.beats).toBe(9);
  fixture.pulse.setFocused(false);
  fixture.beats = 0;
  fixture.change(900);
  expect(fixture.beats).toBeGreaterThanOrEqual(2);
  expect(fixture.beats).toBeLessThanOrEqual(3);
});

test('between two beats the same data is shown, and the newest with the next', () => {
  const fixture = new Fixture();
  fixture.change(50);
  expect(fixture.pulse.model.notice?.text).toBe('0');
  fixture.clock.advance(100);
  expect(fixture.pulse.model.notice?.text).toBe('49');
});

test('getting the focus back shows what is new at once', () => {
  const fixture = new Fixture();
  fixture.pulse.setFocused(false);
  fixture.change(10);
  fixture.beats = 0;
  fixture.pulse.setFocused(true);
  expect(fixture.beats).toBe(1);
  expect(fixture.pulse.model.notice?.text).toBe('9');
});

test('without data it beats once a second, on the full second', () => {
  const fixture = new Fixture();
  fixture.clock.advance(10_000);
  expect(fixture.beats).toBe(10);
  expect(fixture.pulse.nowMs % 1_000).toBe(0);
});

test('closed, it leaves no timer and hears nothing', () => {
  const fixture = new Fixture();
  fixture.change(1);
  fixture.pulse.close();
  fixture.store.update({ isEmbedded: false });
  expect(fixture.clock.timers).toBe(0);
  expect(fixture.beats).toBe(1);
});
