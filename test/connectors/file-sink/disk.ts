// The files sink's disk, which can be told to fail, to be slow, or to lose power; everything that is asked
// of it is noted.

import { mkdir } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  type OutputFile,
  type OutputFiles,
  systemOutputFiles,
} from '../../../engine/connectors/file-sink/output-files.ts';

export class Disk implements OutputFiles {
  /** `write part-0`, `sync part-0`, …: the operations with the last part of their paths. */
  readonly operations: string[] = [];
  /** Called before each operation; what it throws is what the operation fails with. */
  before: (operation: string) => void | Promise<void> = () => undefined;
  /** Called after each operation, which has happened by then. */
  after: (operation: string) => void = () => undefined;

  readonly #isDurable: boolean;
  readonly #open = new Set<OutputFile>();
  readonly #underWay = new Set<Promise<void>>();

  /** @param isDurable False: nothing is synced, for tests in which the machine does not really stop. */
  constructor(isDurable = true) {
    this.#isDurable = isDurable;
  }

  /** What is under way happens or does not, before another process begins; what was left open is closed. */
  async endProcess(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    for (const file of this.#open) await file.close();
    this.#open.clear();
  }

  readonly link: OutputFiles['link'] = (from, to) =>
    this.#do('link', to, () => systemOutputFiles.link(from, to));
  readonly rename: OutputFiles['rename'] = (from, to) =>
    this.#do('rename', to, () => systemOutputFiles.rename(from, to));
  readonly list: OutputFiles['list'] = (path) =>
    this.#do('list', path, () => systemOutputFiles.list(path));
  readonly remove: OutputFiles['remove'] = (path) =>
    this.#do('remove', path, () => systemOutputFiles.remove(path));
  readonly stat: OutputFiles['stat'] = (path) =>
    this.#do('stat', path, () => systemOutputFiles.stat(path));
  readonly syncDirectory: OutputFiles['syncDirectory'] = (path) =>
    this.#do('sync directory', path, () => this.#sync(() => systemOutputFiles.syncDirectory(path)));
  readonly makeDirectory: OutputFiles['makeDirectory'] = (path) =>
    this.#do('make directory', path, async () => {
      if (this.#isDurable) return systemOutputFiles.makeDirectory(path);
      await mkdir(path, { recursive: true });
    });

  readonly create: OutputFiles['create'] = async (path) => {
    const file = await this.#do('create', path, async () => {
      const created = await systemOutputFiles.create(path);
      this.#open.add(created);
      return created;
    });
    return {
      write: (bytes) => this.#do('write', path, () => file.write(bytes)),
      sync: () => this.#do('sync', path, () => this.#sync(() => file.sync())),
      close: () => this.#do('close', path, () => file.close()),
    };
  };

  async #sync(act: () => Promise<void>): Promise<void> {
    if (this.#isDurable) await act();
  }

  #do<T>(operation: string, path: string, act: () => Promise<T>): Promise<T> {
    const doing = this.#perform(`${operation} ${basename(path)}`, act);
    const end = doing.then(
      () => undefined,
      () => undefined,
    );
    this.#underWay.add(end);
    void end.then(() => this.#underWay.delete(end));
    return doing;
  }

  async #perform<T>(operation: string, act: () => Promise<T>): Promise<T> {
    this.operations.push(operation);
    await this.before(operation);
    const result = await act();
    this.after(operation);
    return result;
  }
}

export const diskError = (code: string): Error => Object.assign(new Error(`${code}: no`), { code });
