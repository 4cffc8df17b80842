// A FileSystem in memory: it can be slow, fail at any operation, lose power and flip bits. What a power loss
// leaves is what was promised to be durable: synced names of written files.

import type { Clock } from '../../engine/core/clock.ts';
import type { FileStatus, FileSystem } from '../../engine/core/file-system.ts';

interface Entry {
  readonly identity: string;
  readonly modifiedMs: number;
  bytes: Uint8Array;
}

export type FileOperation = Exclude<keyof FileSystem, 'exists' | 'stat'>;

export class MemoryFiles implements FileSystem {
  readonly #clock: Clock | undefined;
  readonly #files = new Map<string, Entry>();
  /** What stands on the disk under synced names. */
  #durable = new Map<string, Entry>();
  readonly #directories = new Set<string>(['/']);
  #created = 0;
  /** Called before each operation; what it throws is what the operation fails with. */
  before: (operation: FileOperation, path: string) => void = () => undefined;
  /** Of each operation, where there is a clock. */
  latencyMs = 0;
  /** Every operation so far: `writeFile /x`. */
  readonly operations: string[] = [];

  constructor(clock?: Clock) {
    this.#clock = clock;
  }

  /** Paths of all files, sorted. */
  get paths(): string[] {
    return [...this.#files.keys()].sort(byName);
  }

  get directories(): string[] {
    return [...this.#directories].sort(byName);
  }

  /** Names that were not synced are gone. */
  losePower(): void {
    this.#files.clear();
    for (const [path, entry] of this.#durable) this.#files.set(path, entry);
  }

  /** Changes a byte of a file where it lies. */
  flip(path: string, at: number, by = 1): void {
    const entry = this.#entry(path);
    entry.bytes = Uint8Array.from(entry.bytes);
    entry.bytes[at] = (entry.bytes[at] ?? 0) ^ by;
  }

  /** The file's bytes, as they are. */
  bytesOf(path: string): Uint8Array {
    return this.#entry(path).bytes;
  }

  async writeFile(path: string, bytes: Uint8Array): Promise<void> {
    await this.#begin('writeFile', path);
    this.#needDirectory(path);
    const identity = this.#files.get(path)?.identity ?? `${this.#created++}`;
    this.#files.set(path, { identity, modifiedMs: this.#now(), bytes: Uint8Array.from(bytes) });
  }

  async readFile(path: string): Promise<Uint8Array> {
    await this.#begin('readFile', path);
    return Uint8Array.from(this.#entry(path).bytes);
  }

  async link(from: string, to: string): Promise<void> {
    await this.#begin('link', to);
    if (this.#files.has(to)) throw fileError('EEXIST', to);
    this.#files.set(to, this.#entry(from));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#begin('rename', to);
    this.#files.set(to, this.#entry(from));
    this.#files.delete(from);
  }

  async makeDirectory(path: string): Promise<void> {
    await this.#begin('makeDirectory', path);
    for (let at = path; at !== '/'; at = above(at)) this.#directories.add(at);
  }

  async syncDirectory(path: string): Promise<void> {
    await this.#begin('syncDirectory', path);
    if (!this.#directories.has(path)) throw fileError('ENOENT', path);
    const isIn = (file: string): boolean => above(file) === path;
    const durable = [...this.#durable].filter(([file]) => !isIn(file));
    this.#durable = new Map([...durable, ...[...this.#files].filter(([file]) => isIn(file))]);
  }

  async list(path: string): Promise<string[]> {
    await this.#begin('list', path);
    const all = [...this.#files.keys(), ...this.#directories];
    return all
      .filter((file) => file !== '/' && above(file) === path)
      .map((file) => file.slice(file.lastIndexOf('/') + 1))
      .sort(byName);
  }

  async remove(path: string): Promise<void> {
    await this.#begin('remove', path);
    const isGone = (file: string): boolean => file === path || file.startsWith(`${path}/`);
    for (const file of this.#files.keys()) if (isGone(file)) this.#files.delete(file);
    for (const file of this.#durable.keys()) if (isGone(file)) this.#durable.delete(file);
    for (const directory of this.#directories)
      if (isGone(directory)) this.#directories.delete(directory);
  }

  exists(path: string): Promise<boolean> {
    return Promise.resolve(this.#files.has(path) || this.#directories.has(path));
  }

  stat(path: string): Promise<FileStatus | undefined> {
    const entry = this.#files.get(path);
    if (entry === undefined) return Promise.resolve(undefined);
    const { identity, modifiedMs, bytes } = entry;
    return Promise.resolve({ kind: 'file', identity, modifiedMs, sizeBytes: bytes.length });
  }

  async #begin(operation: FileOperation, path: string): Promise<void> {
    const clock = this.#clock;
    if (clock !== undefined) await new Promise<void>((done) => clock.after(this.latencyMs, done));
    this.operations.push(`${operation} ${path}`);
    this.before(operation, path);
  }

  #entry(path: string): Entry {
    const entry = this.#files.get(path);
    if (entry === undefined) throw fileError('ENOENT', path);
    return entry;
  }

  #needDirectory(path: string): void {
    if (!this.#directories.has(above(path))) throw fileError('ENOENT', path);
  }

  #now(): number {
    return this.#clock?.now() ?? 0;
  }
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const above = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));

export const fileError = (code: string, path: string): Error =>
  Object.assign(new Error(`${code}: ${path}`), { code });
