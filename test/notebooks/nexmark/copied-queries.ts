// The folder of the queries, copied so that a test may change it: all in one job, prices that are often equal,
// a source that fails in the middle.

import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { temporaryDirectory } from '../../harness/temporary-directory.ts';
import { notebook } from '../run-notebook.ts';
import type { Disturbance } from './disturbed-reader.ts';
import type { Generator } from './events.ts';

const READER = fileURLToPath(new URL('disturbed-reader.ts', import.meta.url));

export class CopiedQueries {
  readonly folder = temporaryDirectory();

  constructor() {
    cpSync(notebook('nexmark'), this.folder, { recursive: true });
  }

  pathOf(query: string): string {
    return join(this.folder, `${query}.ts`);
  }

  /** A notebook with one cell that prints the rows of these, labelled with their queries. */
  inOne(queries: readonly string[]): string {
    for (const query of queries) {
      this.#replace(query, '.print()', `.print('${query}')`);
      const path = this.pathOf(query);
      writeFileSync(path, `${readFileSync(path, 'utf8')}\nexport const ${query} = true;\n`);
    }
    // A cell imports what it uses.
    const imports = queries.map((query) => `import { ${query} } from './${query}.ts';\n`);
    const all = this.pathOf('all');
    writeFileSync(all, `${imports.join('')}[${queries.join(', ')}];\n`);
    return all;
  }

  /** Nearly all prices are different. Here there are six, so that ties are the rule. */
  async withFewPrices(): Promise<Generator> {
    const exact = 'priceAt(share: number): number {';
    const few = 'priceAt(drawn: number): number { const share = Math.floor(drawn * 6) / 6;';
    this.#replace('prices', exact, few);
    return (await import(this.pathOf('generator'))) as Generator;
  }

  /** The job is restored from a checkpoint of the middle of its input. */
  disturb(how: Disturbance['how']): Disturbed {
    const disturbance: Disturbance = {
      how,
      checkpoints: temporaryDirectory(),
      happened: join(this.folder, 'happened'),
      restored: join(this.folder, 'restored'),
    };
    cpSync(READER, this.pathOf('disturbed-reader'));
    const made = 'new EventGenerator(split, position)';
    const settings = JSON.stringify(disturbance);
    const disturbed = `new DisturbedReader(${made}, split.count, position, ${settings})`;
    this.#replace('events', made, disturbed);
    const events = this.pathOf('events');
    const importing = "import { DisturbedReader } from './disturbed-reader.ts';\n";
    writeFileSync(events, `${importing}${readFileSync(events, 'utf8')}`);
    return new Disturbed(disturbance);
  }

  #replace(file: string, what: string, by: string): void {
    const path = this.pathOf(file);
    const text = readFileSync(path, 'utf8');
    const changed = text.replace(what, by);
    expect(changed).not.toBe(text);
    writeFileSync(path, changed);
  }
}

class Disturbed {
  readonly #disturbance: Disturbance;

  constructor(disturbance: Disturbance) {
    this.#disturbance = disturbance;
  }

  /** What a run needs besides. */
  get flags(): readonly string[] {
    return [
      `-Dexecution.checkpointing.dir=${this.#disturbance.checkpoints}`,
      '-Dexecution.checkpointing.interval=100ms',
      '-Dsluice.restart.user-errors=strategy',
    ];
  }

  /** How many events the checkpoint had seen from which it went on. */
  get restoredBehind(): number {
    return Number(readFileSync(this.#disturbance.restored, 'utf8'));
  }
}
