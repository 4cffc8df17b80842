// Asks the terminal for its background colour (OSC 11). Nobody waits for the answer: the first frame is drawn
// with a guess, and an answer within a short time may change the theme. It arrives among the keys; the tee
// takes it out whenever it comes, so that no key is ever held back or lost.

import type { Clock } from '../../../engine/core/clock.ts';
import type { StdinTee } from './stdin-tee.ts';

const QUERY = '\x1b]11;?\x1b\\';
const PATIENCE_MS = 500;

export function askBackground(
  tee: StdinTee,
  clock: Clock,
  write: (text: string) => void,
  onAnswer: (background: 'dark' | 'light') => void,
): Disposable {
  const onReply = (body: string): void => {
    const answer = backgroundFromReply(body);
    if (answer === undefined) return;
    timer[Symbol.dispose]();
    stop();
    onAnswer(answer);
  };
  const stop = (): void => void tee.events.off('reply', onReply);
  const timer = clock.after(PATIENCE_MS, stop);
  tee.events.on('reply', onReply);
  write(QUERY);
  return {
    [Symbol.dispose]() {
      timer[Symbol.dispose]();
      stop();
    },
  };
}

/** `11;rgb:RRRR/GGGG/BBBB`, one to four hexadecimal digits each. */
export function backgroundFromReply(body: string): 'dark' | 'light' | undefined {
  const match = /^11;rgba?:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})/i.exec(body);
  if (match === null) return undefined;
  const [red = 0, green = 0, blue = 0] = match
    .slice(1, 4)
    .map((digits) => Number.parseInt(digits, 16) / (16 ** digits.length - 1));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5 ? 'light' : 'dark';
}
