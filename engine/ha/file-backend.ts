// The log in a directory that several processes share. Each entry is a file under its number: written beside,
// synced, then given its name by link(), which fails where somebody else was first. (Node has no flock.)
//
//   log/000000000042   the entry; only the latest are kept
//   lease              who leads, said again and again, never synced
//   files/…            what is too large for an entry
//
// Once old entries are removed their names are free again: one who has slept since it read could take such a
// name. It therefore looks afterwards: the latest entries are never removed, so they tell whether its own was
// among the names that were. Readers take the latest and never see it.

import type { FileSystem } from '../core/file-system.ts';
import { limits } from '../core/limits.ts';
import type { HaBackend, NumberedEntry } from './ha-backend.ts';

const NUMBER = /^\d{12}$/;

export class FileBackend implements HaBackend {
  readonly #files: FileSystem;
  readonly #directory: string;
  readonly #log: string;
  /** Names of our own: no other process writes them. */
  readonly #unique: string;
  #beside = 0;

  /** @param unique Differs from that of every other process. */
  constructor(files: FileSystem, directory: string, unique: string) {
    this.#files = files;
    this.#directory = directory;
    this.#log = `${directory}/log`;
    this.#unique = unique;
  }

  async latest(): Promise<NumberedEntry | undefined> {
    for (;;) {
      const number = await this.latestNumber();
      if (number === 0) return undefined;
      try {
        return { number, bytes: await this.#files.readFile(this.#pathOf(number)) };
      } catch (error) {
        // It was removed meanwhile: then there are greater ones.
        if (codeOf(error) !== 'ENOENT') throw error;
      }
    }
  }

  async latestNumber(): Promise<number> {
    return numbersIn(await this.#files.list(this.#log)).at(-1) ?? 0;
  }

  async append({ number, bytes }: NumberedEntry): Promise<boolean> {
    await this.#files.makeDirectory(this.#log);
    const beside = `${this.#log}/new-${this.#unique}-${this.#beside++}`;
    try {
      await this.#files.writeFile(beside, bytes);
      await this.#files.link(beside, this.#pathOf(number));
    } catch (error) {
      // ENOENT: whoever was first has tidied up.
      if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') return false;
      throw error;
    } finally {
      await this.#files.remove(beside).catch(() => undefined); // a stray, removed with old entries
    }
    // Others see it, and it may not last: who cannot tell has to read again.
    return this.#settle(number).catch(() => false);
  }

  readLease(): Promise<Uint8Array | undefined> {
    return this.#files.readFile(`${this.#directory}/lease`).catch(() => undefined);
  }

  async writeLease(bytes: Uint8Array): Promise<void> {
    const beside = `${this.#directory}/lease-${this.#unique}-${this.#beside++}`;
    await this.#files.writeFile(beside, bytes);
    await this.#files.rename(beside, `${this.#directory}/lease`);
  }

  async writeFile(name: string, bytes: Uint8Array): Promise<void> {
    const directory = `${this.#directory}/files`;
    await this.#files.makeDirectory(directory);
    await this.#files.writeFile(`${directory}/${name}`, bytes);
    await this.#files.syncDirectory(directory);
  }

  readFile(name: string): Promise<Uint8Array> {
    return this.#files.readFile(`${this.#directory}/files/${name}`);
  }

  removeFile(name: string): Promise<void> {
    return this.#files.remove(`${this.#directory}/files/${name}`);
  }

  async #settle(number: number): Promise<boolean> {
    await this.#files.syncDirectory(this.#log);
    const names = await this.#files.list(this.#log);
    const oldest = (numbersIn(names).at(-1) ?? 0) - limits.haEntriesKept;
    if (number <= oldest) return false;
    const isOld = (name: string): boolean =>
      NUMBER.test(name) ? Number(name) <= oldest : number % limits.haEntriesKept === 0;
    for (const name of names.filter(isOld)) await this.#files.remove(`${this.#log}/${name}`);
    return true;
  }

  #pathOf(number: number): string {
    return `${this.#log}/${String(number).padStart(12, '0')}`;
  }
}

/** Ascending. */
const numbersIn = (names: readonly string[]): readonly number[] =>
  names.filter((name) => NUMBER.test(name)).map(Number);

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
