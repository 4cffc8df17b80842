// What sluice says beside its results: to stderr, in colour only where that is wanted, never anything that
// moves a terminal.

import kleur from 'kleur';
import { escapeControl } from '../engine/core/logger.ts';

export interface Talk {
  say(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

/** Colours follow NO_COLOR and FORCE_COLOR, else whether stderr is a terminal. */
export function stderrTalk(): Talk {
  kleur.enabled = wantsColour(process.env, process.stderr.isTTY === true);
  const write = (text: string): void => {
    process.stderr.write(`${text}\n`);
  };
  return {
    say: (text) => write(kleur.dim(plain(text))),
    warn: (text) => write(`${kleur.yellow('warning')} ${plain(text)}`),
    error: (text) => write(`${kleur.red('error')} ${plain(text)}`),
  };
}

function wantsColour(environment: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  const { NO_COLOR: never, FORCE_COLOR: always, TERM: term } = environment;
  if (never !== undefined && never !== '') return false;
  if (always !== undefined && always !== '') return always !== '0';
  return isTerminal && term !== 'dumb';
}

/** Lines stay lines; every other control character is shown, not obeyed. */
const plain = (text: string): string => text.split('\n').map(escapeControl).join('\n');
