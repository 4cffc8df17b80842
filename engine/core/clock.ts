// Time is an argument: production hands in the system's clock (system-clock.ts), the simulation a
// virtual one. Deadlines are taken from `monotonic`, which a jump of the wall clock does not move.

export interface Timer {
  [Symbol.dispose](): void;
}

export interface Clock {
  /** Wall time, epoch milliseconds. */
  now(): number;
  /** Milliseconds that never run backwards; only differences mean something. */
  monotonic(): number;
  /** Calls once, after at least `delayMs`. Dispose to call it off. */
  after(delayMs: number, call: () => void): Timer;
  /** Calls in a later turn of the event loop, after what is waiting there. */
  soon(call: () => void): void;
}

/** Calls every `periodMs`, the first time after one period, until disposed. */
export function every(clock: Clock, periodMs: number, call: () => void): Timer {
  let stopped = false;
  let timer = clock.after(periodMs, tick);
  function tick(): void {
    if (stopped) return;
    timer = clock.after(periodMs, tick);
    call();
  }
  return {
    [Symbol.dispose]() {
      stopped = true;
      timer[Symbol.dispose]();
    },
  };
}

/** Resolves after `delayMs`; rejects with the signal's reason when that comes first. */
export function delay(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason as Error);
    const onAbort = (): void => {
      timer[Symbol.dispose]();
      reject(signal?.reason as Error);
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    return undefined;
  });
}
