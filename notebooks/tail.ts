// Follows a log file while it grows, and goes on with the new one when it is rotated. To see what is in the
// file already: --set all=true. To see some lines only: --set match=failed.
//
//   npx sluice run notebooks/tail.ts --set path=/var/log/syslog
import { env, lines } from 'sluice';

// %% Lines
const path = env.param('path', '');
const match = env.param('match', '').toLowerCase();
const startAt = env.param('all', false) ? 'beginning' : 'end';

if (path === '') throw new Error('which file? Name one: --set path=/var/log/syslog');
const log = env
  .read(lines(path), { follow: true, startAt })
  .filter((line) => line.toLowerCase().includes(match));
log.print();

// %% Lines by level
log
  .map((line) => /\b(error|warn|info|debug)/i.exec(line)?.[0].toLowerCase() ?? 'other')
  .keyBy((level) => level)
  .count()
  .print();
