// The signs that the views draw with, each one column wide, in two sets: Unicode, and ASCII for consoles
// and locales without it. A state always has a sign of its own, so that colour is never the only signal.

export interface Glyphs {
  readonly live: string;
  readonly stale: string;
  readonly failed: string;
  readonly finished: string;
  readonly idle: string;
  readonly starting: string;
  readonly restarting: string;
  readonly stopped: string;
  readonly blocked: string;
  readonly barrier: string;
  readonly text: string;
  readonly selected: string;
  readonly ellipsis: string;
  readonly arrow: string;
  readonly arrowDown: string;
  readonly separator: string;
  readonly bullet: string;
  readonly caret: string;
  readonly busy: string;
  readonly pressure: string;
  readonly free: string;
  readonly full: string;
  /** Eight steps, lowest first. */
  readonly spark: string;
  /** Between parts of a chain inside a box. */
  readonly chain: string;
  /** Box lines by the sides they reach: bit 0 up, 1 right, 2 down, 3 left. */
  readonly lines: string;
  /** The same with round corners. */
  readonly rounded: string;
}

export const UNICODE: Glyphs = {
  live: '●',
  stale: '◌',
  failed: '✗',
  finished: '✓',
  idle: '○',
  starting: '◐',
  restarting: '↻',
  stopped: '■',
  blocked: '■',
  barrier: '◆',
  text: '¶',
  selected: '▌',
  ellipsis: '…',
  arrow: '▶',
  arrowDown: '▼',
  separator: '·',
  bullet: '•',
  caret: '^',
  busy: '▓',
  pressure: '▒',
  free: '░',
  full: '█',
  spark: '▁▂▃▄▅▆▇█',
  chain: '→',
  lines: ' ╵╶└╷│┌├╴┘─┴┐┤┬┼',
  rounded: ' ╵╶╰╷│╭├╴╯─┴╮┤┬┼',
};

export const ASCII: Glyphs = {
  live: '*',
  stale: '~',
  failed: 'x',
  finished: '+',
  idle: 'o',
  starting: '%',
  restarting: '@',
  stopped: '#',
  blocked: '#',
  barrier: '$',
  text: '"',
  selected: '>',
  ellipsis: '~',
  arrow: '>',
  arrowDown: 'v',
  separator: '-',
  bullet: '-',
  caret: '^',
  busy: '#',
  pressure: '=',
  free: '.',
  full: '#',
  spark: '_.-:=+*#',
  chain: '>',
  lines: ' |-+||++-+-+++++',
  rounded: ' |-+||++-+-+++++',
};
