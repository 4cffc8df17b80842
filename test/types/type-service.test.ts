import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TypeService, type TypeServiceSettings } from '../../cli/types/type-service.ts';
import { entryPath } from '../../engine/entrypoint/entries.ts';
import { emptyFolder, inShort, openService } from './checked-notebooks.ts';

const folder = emptyFolder();
const shared = openService();

/** A notebook with one error, in which `name` occurs. */
const wrong = (name: string) => folder.notebook(`const ${name}: string = 1;\n${name}.x;\n`);

/** A worker that never answers. */
const silent = (): Worker => new Worker('setInterval(() => {}, 1e6);', { eval: true });

function service(settings: TypeServiceSettings): TypeService {
  const opened = new TypeService(settings);
  onTestFinished(() => opened.close());
  return opened;
}

describe('of several versions of a notebook', () => {
  test('the newest is answered, and the others are told that they were overtaken', async () => {
    const [first, second, third] = await Promise.all(
      ['a', 'b', 'c'].map((name) => shared.check(wrong(name))),
    );
    expect([first, second]).toEqual([undefined, undefined]);
    expect(third?.map(({ text }) => text)).toEqual(['const c: string = 1;', 'c.x;']);
  });

  test('one that is overtaken does not wait for the worker', async () => {
    const stuck = service({ spawnWorker: silent });
    const older = stuck.check(wrong('a'));
    const newer = stuck.check(wrong('b'));
    expect(await older).toBeUndefined();
    await stuck.close();
    expect(await newer).toBeUndefined();
  });

  test('each is answered that is asked about after the last was', async () => {
    for (const name of ['a', 'b']) expect(await shared.check(wrong(name))).toHaveLength(2);
  });

  test('a type may be asked for meanwhile, and other notebooks may be checked', async () => {
    const other = folder.notebook('const other: string = 1;\n', 'other.ts');
    const [checked, type, checkedOther] = await Promise.all([
      shared.check(wrong('a')),
      shared.typeAt(wrong('a'), 1, 7),
      shared.check(other),
    ]);
    expect(checked).toHaveLength(2);
    expect(type).toBe('const a: string');
    expect(checkedOther?.map(inShort)).toEqual([
      "other.ts:1:7 Type 'number' is not assignable to type 'string'",
    ]);
  });
});

describe('a check that is aborted', () => {
  test('rejects with the reason, whether it waits or is under way, and disturbs no other', async () => {
    const controller = new AbortController();
    const underWay = shared.check(wrong('a'), controller.signal);
    const waiting = shared.check(folder.notebook('1', 'other.ts'), controller.signal);
    const other = shared.check(folder.notebook('const x: string = 1;\n', 'third.ts'));
    const reason = new Error('left');
    controller.abort(reason);
    await expect(underWay).rejects.toBe(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(await other).toHaveLength(1);
    await expect(shared.check(wrong('b'), controller.signal)).rejects.toBe(reason);
    expect(await shared.check(wrong('c'))).toHaveLength(2);
  });
});

describe('a worker that dies', () => {
  /** One in which TypeScript has no room. */
  const tooSmall = (): Worker =>
    new Worker(entryPath('types'), {
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 24 },
    });
  const healthy = (): Worker => new Worker(entryPath('types'), { execArgv: [] });

  test('is told of once, as an error of the notebook', async () => {
    const dying = service({ spawnWorker: tooSmall });
    const found = await dying.check(wrong('a'));
    expect(found?.map(({ severity, file, line }) => [severity, file, line])).toEqual([
      ['error', 'book.ts', undefined],
    ]);
    expect(found?.[0]?.message).toMatch(/^types are not checked, .*memory limit/);
    expect(await dying.check(wrong('b'))).toBeUndefined();
  });

  test('is replaced for what is asked next, and for what is waiting', async () => {
    const workers = [healthy, tooSmall];
    const recovering = service({ spawnWorker: () => (workers.pop() ?? healthy)() });
    const [died, waiting] = await Promise.all([
      recovering.check(wrong('a')),
      recovering.check(folder.notebook('const x: string = 1;\n', 'other.ts')),
    ]);
    expect(died?.[0]?.message).toContain('types are not checked');
    expect(waiting?.map(inShort)).toEqual([
      "other.ts:1:7 Type 'number' is not assignable to type 'string'",
    ]);
    expect(await recovering.check(wrong('b'))).toHaveLength(2);
  });
});

describe('a service that is closed', () => {
  test('answers what was asked with undefined, has ended its worker and starts no other', async () => {
    const started: Worker[] = [];
    const closing = service({
      spawnWorker() {
        const worker = new Worker(entryPath('types'), { execArgv: [] });
        started.push(worker);
        return worker;
      },
    });
    const asked = [closing.check(wrong('a')), closing.typeAt(wrong('a'), 1, 7)];
    await closing.close();
    expect(await Promise.all(asked)).toEqual([undefined, undefined]);
    expect(await closing.check(wrong('b'))).toBeUndefined();
    closing.warm();
    expect(started.map(({ threadId }) => threadId)).toEqual([-1]);
  });

  test('may never have started one', async () => {
    await new TypeService().close();
  });
});

describe('a process with a service', () => {
  const source = fileURLToPath(new URL('../../cli', import.meta.url));
  const run = (body: string) =>
    spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '--no-warnings',
        '-e',
        `import { NotebookParser } from '${source}/compiler/parse-notebook.ts';
import { TypeService } from '${source}/types/type-service.ts';
const service = new TypeService();
const notebook = new NotebookParser().parse('${folder.path}/book.ts', 'const a: string = 1;');
${body}`,
      ],
      { encoding: 'utf8', timeout: 25_000 },
    );

  test('stays for an answer, and ends by itself when it has it', () => {
    const { status, stdout } = run('console.log((await service.check(notebook)).length);');
    expect([status, stdout]).toEqual([0, '1\n']);
  });

  test('ends by itself when the worker is at work for nobody', () => {
    const { signal, stdout } = run(`import { Worker } from 'node:worker_threads';
const spawnWorker = () => new Worker('setInterval(() => {}, 1e6)', { eval: true });
const stuck = new TypeService({ spawnWorker });
stuck.warm();
const controller = new AbortController();
const checked = stuck.check(notebook, controller.signal);
controller.abort('left');
console.log(await checked.catch((reason) => reason));`);
    expect([signal, stdout]).toEqual([null, 'left\n']);
  });
});
