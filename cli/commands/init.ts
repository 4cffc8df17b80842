// sluice init: what an editor needs in a folder of notebooks, and a first notebook. What is there already
// stays as it is.

import { existsSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Flags, ParsedArguments } from '../args.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { VERSION } from '../version.ts';
import { writeOut } from '../write-out.ts';

export const INIT_FLAGS: Flags = {};

export function init(args: ParsedArguments): number {
  if (args.positionals.length > 0)
    throw usageError('init works in the current folder: no argument');
  for (const [name, text] of Object.entries(files())) {
    const isThere = existsSync(name);
    if (!isThere) writeFileSync(name, text);
    writeOut(isThere ? `${name} is there already\n` : `wrote ${name}\n`);
  }
  writeOut('next: npm install, then npx sluice\n');
  return EXIT.ok;
}

function files(): Readonly<Record<string, string>> {
  return {
    'package.json': json({
      name: basename(process.cwd())
        .toLowerCase()
        .replace(/[^a-z0-9-]+/g, '-'),
      private: true,
      type: 'module',
      scripts: { start: 'sluice' },
      devDependencies: { sluice: `^${VERSION}` },
    }),
    'tsconfig.json': json({
      compilerOptions: {
        target: 'es2024',
        module: 'esnext',
        moduleResolution: 'bundler',
        moduleDetection: 'force',
        strict: true,
        noEmit: true,
        allowImportingTsExtensions: true,
        skipLibCheck: true,
      },
      include: ['*.ts'],
    }),
    'notebook.ts': NOTEBOOK,
  };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const NOTEBOOK = `import { env, max, seconds, tumbling, watermarks } from 'sluice';

// %% Readings
// Ten sensors, a thousand readings a second: a stand-in for your source.
const readings = env
  .generate((i) => ({ sensor: \`s\${i % 10}\`, value: Math.sin(i / 500) * 20, time: i * 10 }), {
    ratePerSecond: 1_000,
  })
  .withWatermarks(watermarks.boundedOutOfOrderness(seconds(1)), (r) => r.time);

// %% Highest by sensor
// Edit this and save: the job is compiled again and goes on with the new code.
readings
  .keyBy((r) => r.sensor)
  .window(tumbling({ size: seconds(5) }))
  .aggregate(
    max((r) => r.value),
    (sensor, { start }, highest) => ({ sensor, start, highest }),
  )
  .print();
`;
