// A shell in a pseudo-terminal: what a program leaves behind in the terminal, raw mode above all, only the
// shell after it can tell.

import { type Session, type SessionOptions, session } from './session.ts';

const PROMPT = 'prompt> ';

/** An interactive shell with job control and a plain prompt. */
export function shell(options: SessionOptions = {}): Session {
  const env = { ...options.env, PS1: PROMPT, ENV: undefined, HISTFILE: undefined };
  return session(['bash', '--norc', '--noprofile', '-i'], { ...options, env });
}

/** Settings of the terminal as `stty -a` prints them: `icanon`, or `-icanon` in raw mode. */
export async function sttySettings(at: Session): Promise<readonly string[]> {
  const mark = `end-${at.output.length}`;
  // The quotes keep the typed line from matching its own output.
  at.type(`stty -a; echo "${mark.slice(0, 3)}""${mark.slice(3)}"\r`);
  await at.waitForOutput(new RegExp(`^${mark}`, 'm'));
  const from = at.output.lastIndexOf('speed ');
  return at.output.slice(from, at.output.indexOf(mark, from)).split(/[\s;]+/);
}
