// RESULTS.md: of each group of benchmarks the table that was recorded last, and what somebody has written behind it:
// what falls short, and why. Tables are written by `--record`, never by hand.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PATH = fileURLToPath(new URL('./RESULTS.md', import.meta.url));

const OPENING = `# Measured

Written by the benchmarks themselves (\`npm run bench -- GROUP --record\`). Machines are shared and noisy: what
counts are the ratios, whose two sides were measured in turns in one run. Behind a table stands what falls short of
its goals, and the reason that profiles gave.
`;

export interface Recorded {
  readonly group: string;
  /** As it was typed behind \`npm run bench -- \`. */
  readonly command: string;
  readonly date: Date;
  readonly table: string;
}

/** Puts it in the place of what was recorded of the group before. */
export function record({ group, command, date, table }: Recorded): void {
  const before = existsSync(PATH) ? readFileSync(PATH, 'utf8') : OPENING;
  const [opening = '', ...sections] = before.split(/^(?=## )/m);
  const isOwn = (section: string): boolean => section.startsWith(`## ${group}\n`);
  const others = sections.filter((section) => !isOwn(section));
  const words = sections.find(isOwn)?.split('\n```\n').at(-1)?.trim() ?? '';
  const day = date.toISOString().slice(0, 10);
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' });
  const own = [
    `## ${group}\n`,
    `${day}, on top of ${commit.trim()}: \`npm run bench -- ${command}\`\n`,
    `\`\`\`\n${table.trim()}\n\`\`\`\n`,
    ...(words === '' ? [] : [`${words}\n`]),
  ].join('\n');
  const sorted = [...others.map((section) => `${section.trim()}\n`), own].toSorted((a, b) =>
    a.localeCompare(b, 'en'),
  );
  writeFileSync(PATH, [`${opening.trim()}\n`, ...sorted].join('\n'));
}
