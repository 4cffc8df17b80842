// Notebooks in a folder of their own, checked by the real worker: what tests of types begin with. A folder's
// notebook keeps its name, since the worker keeps what it knows as long as it is asked about one notebook.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { Diagnostic } from '../../cli/compiler/diagnostics.ts';
import type { Notebook } from '../../cli/compiler/notebook.ts';
import { NotebookParser } from '../../cli/compiler/parse-notebook.ts';
import { TypeService } from '../../cli/types/type-service.ts';

/** Closed after the tests of the file. */
export function openService(): TypeService {
  const service = new TypeService();
  afterAll(() => service.close());
  return service;
}

/** An empty folder outside of any package, removed after the tests of the file. */
export function emptyFolder(): Folder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-types-')));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return new Folder(path);
}

export class Folder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  write(name: string, text: string): void {
    const file = join(this.path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  remove(name: string): void {
    rmSync(join(this.path, name), { recursive: true });
  }

  /** Named so, with this text; it need not be written. */
  notebook(text: string, name = 'book.ts'): Notebook {
    return new NotebookParser().parse(join(this.path, name), text);
  }
}

/** `book.ts:3:5 what is wrong`. */
export const inShort = ({ file, line, column, message }: Diagnostic): string =>
  `${file}:${line}:${column} ${message}`;

/** What a check of the notebook comes to, in short. @throws when there is no verdict. */
export async function problemsOf(
  service: TypeService,
  notebook: Notebook,
): Promise<readonly string[]> {
  const found = await service.check(notebook);
  if (found === undefined) throw new Error(`no verdict about ${notebook.path}`);
  return found.map(inShort);
}
