// A FileSystem in memory: it can be slow, fail at any operation, lose power and flip bits. What a power loss
// leaves is what was promised to be durable: synced bytes under synced names. Several machines may share it,
// each of which loses only what it had not synced itself.

import type { OutputFile, OutputFiles } from '../../engine/connectors/file-sink/output-files.ts';
import type { Clock } from '../../engine/core/clock.ts';
import type { FileStatus, FileSystem } from '../../engine/core/file-system.ts';

interface Entry {
  readonly identity: string;
  modifiedMs: number;
  bytes: Uint8Array;
  /** The first of them that a power loss leaves. */
  durableBytes: number;
}

export type FileOperation =
  | Exclude<keyof FileSystem, 'exists' | 'stat'>
  | 'create'
  | 'append'
  | 'syncFile';

/** An operation as it begins. */
export interface FileAction {
  readonly operation: FileOperation;
  readonly path: string;
  /** Of a link or a rename: the name that there is already. */
  readonly from: string | undefined;
  /** Who asks for it. */
  readonly machine: string;
}

const NOBODY = '';

export class MemoryFiles implements FileSystem, OutputFiles {
  readonly #clock: Clock | undefined;
  readonly #files = new Map<string, Entry>();
  /** What stands on the disk under synced names. */
  readonly #durable = new Map<string, Entry>();
  readonly #directories = new Set<string>(['/']);
  /** By directory: names in it that were made or removed since it was synced, and by whom last. */
  readonly #unsynced = new Map<string, Map<string, string>>();
  #created = 0;
  /** Of all machines under '', and of each: what was asked of the disk before comes to nothing. */
  readonly #powerLosses = new Map<string, number>();
  /** Called before each operation; what it throws is what the operation fails with. */
  before: (operation: FileOperation, path: string) => void = () => undefined;
  /** The same for those who want to know more. Called before it. */
  observe: (action: FileAction) => void = () => undefined;
  /** Of each operation, where there is a clock. */
  latencyMs = 0;
  /** Added to it, for those of a path. */
  lateMs: (path: string) => number = () => 0;
  /** Every operation so far: `writeFile /x`. */
  readonly operations: string[] = [];

  constructor(clock?: Clock) {
    this.#clock = clock;
  }

  /** Paths of all files, sorted. */
  get paths(): string[] {
    return [...this.#files.keys()].sort(byName);
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  get directories(): string[] {
    return [...this.#directories].sort(byName);
  }

  /** Names that were not synced are gone, and bytes that were not. */
  losePower(): void {
    this.#cut(NOBODY);
    this.#files.clear();
    this.#unsynced.clear();
    for (const [path, entry] of this.#durable) this.#files.set(path, keptOf(entry));
  }

  /** One machine does: what others did stands. `isLost`: asked of each name that it had not synced. */
  losePowerOf(machine: string, isLost: (path: string) => boolean = () => true): void {
    this.#cut(machine);
    for (const names of this.#unsynced.values()) {
      for (const [path, by] of names) {
        if (by !== machine) continue;
        names.delete(path);
        const durable = this.#durable.get(path);
        const now = this.#files.get(path);
        if (!isLost(path)) this.#keep(path, now && keptOf(now));
        else if (durable === undefined) this.#files.delete(path);
        else this.#files.set(path, keptOf(durable));
      }
    }
  }

  /** What a power loss would leave of it now; undefined when that is nothing. */
  durableBytesOf(path: string): Uint8Array | undefined {
    const entry = this.#durable.get(path);
    return entry && keptOf(entry).bytes;
  }

  /** Changes a byte of a file where it lies. */
  flip(path: string, at: number, by = 1): void {
    const entry = this.#entry(path);
    entry.bytes = Uint8Array.from(entry.bytes);
    entry.bytes[at] = (entry.bytes[at] ?? 0) ^ by;
  }

  /** Each has the bytes of the other. */
  swap(path: string, other: string): void {
    const [one, two] = [this.#entry(path), this.#entry(other)];
    [one.bytes, two.bytes] = [two.bytes, one.bytes];
    [one.durableBytes, two.durableBytes] = [two.durableBytes, one.durableBytes];
  }

  /** The file's bytes, as they are. */
  bytesOf(path: string): Uint8Array {
    return this.#entry(path).bytes;
  }

  /** The same files as one machine sees them. One that has died in the middle of a write leaves half of it. */
  as(machine: string, isAlive: () => boolean): FileSystem & OutputFiles {
    return {
      writeFile: (path, content) => this.writeFile(path, content, machine, isAlive),
      readFile: (path) => this.readFile(path, machine),
      link: (from, to) => this.link(from, to, machine),
      copy: (from, to) => this.copy(from, to, machine),
      rename: (from, to) => this.rename(from, to, machine),
      makeDirectory: (path) => this.makeDirectory(path, machine),
      syncDirectory: (path) => this.syncDirectory(path, machine),
      list: (path) => this.list(path, machine),
      remove: (path) => this.remove(path, machine),
      exists: (path) => this.exists(path),
      stat: (path) => this.stat(path),
      create: (path) => this.create(path, machine),
    };
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

  async writeFile(
    path: string,
    content: Uint8Array | AsyncIterable<Uint8Array>,
    machine: string = NOBODY,
    isAlive: () => boolean = () => true,
  ): Promise<void> {
    const wasAlive = isAlive();
    const bytes = await joined(content);
    await this.#begin('writeFile', path, machine);
    this.#needDirectory(path);
    const identity = this.#files.get(path)?.identity ?? `${this.#created++}`;
    const written = wasAlive && !isAlive() ? bytes.subarray(0, bytes.length >> 1) : bytes;
    this.#name(path, machine, {
      identity,
      modifiedMs: this.#now(),
      bytes: Uint8Array.from(written),
      durableBytes: written.length,
    });
  }

  async readFile(path: string, machine = NOBODY): Promise<Uint8Array> {
    await this.#begin('readFile', path, machine);
    return Uint8Array.from(this.#entry(path).bytes);
  }

  async link(from: string, to: string, machine = NOBODY): Promise<void> {
    await this.#begin('link', to, machine, from);
    if (this.#files.has(to)) throw fileError('EEXIST', to);
    this.#name(to, machine, this.#entry(from));
  }

  /** Always a copy: what befalls one of the two is not to befall the other. */
  async copy(from: string, to: string, machine = NOBODY): Promise<void> {
    await this.#begin('copy', to, machine, from);
    const { bytes } = this.#entry(from);
    this.#needDirectory(to);
    const identity = `${this.#created++}`;
    this.#name(to, machine, { identity, modifiedMs: this.#now(), bytes, durableBytes: 0 });
  }

  async rename(from: string, to: string, machine = NOBODY): Promise<void> {
    await this.#begin('rename', to, machine, from);
    this.#name(to, machine, this.#entry(from));
    this.#name(from, machine, undefined);
  }

  async makeDirectory(path: string, machine = NOBODY): Promise<void> {
    await this.#begin('makeDirectory', path, machine);
    for (let at = path; at !== '/'; at = above(at)) this.#directories.add(at);
  }

  async syncDirectory(path: string, machine = NOBODY): Promise<void> {
    await this.#begin('syncDirectory', path, machine);
    if (!this.#directories.has(path)) throw fileError('ENOENT', path);
    for (const name of this.#unsynced.get(path)?.keys() ?? [])
      this.#keep(name, this.#files.get(name));
    this.#unsynced.delete(path);
  }

  async list(path: string, machine = NOBODY): Promise<string[]> {
    await this.#begin('list', path, machine);
    const all = [...this.#files.keys(), ...this.#directories];
    return all
      .filter((file) => file !== '/' && above(file) === path)
      .map((file) => file.slice(file.lastIndexOf('/') + 1))
      .sort(byName);
  }

  async remove(path: string, machine = NOBODY): Promise<void> {
    await this.#begin('remove', path, machine);
    const isGone = (file: string): boolean => file === path || file.startsWith(`${path}/`);
    for (const file of this.#files.keys()) if (isGone(file)) this.#files.delete(file);
    for (const file of this.#durable.keys()) if (isGone(file)) this.#durable.delete(file);
    for (const directory of this.#directories)
      if (isGone(directory)) this.#directories.delete(directory);
  }

  async create(path: string, machine = NOBODY): Promise<OutputFile> {
    await this.#begin('create', path, machine);
    this.#needDirectory(path);
    if (this.#files.has(path)) throw fileError('EEXIST', path);
    const entry: Entry = {
      identity: `${this.#created++}`,
      modifiedMs: this.#now(),
      bytes: new Uint8Array(),
      durableBytes: 0,
    };
    this.#name(path, machine, entry);
    return {
      write: async (bytes) => {
        await this.#begin('append', path, machine);
        entry.bytes = Buffer.concat([entry.bytes, bytes]);
        entry.modifiedMs = this.#now();
      },
      sync: async () => {
        await this.#begin('syncFile', path, machine);
        entry.durableBytes = entry.bytes.length;
      },
      close: () => Promise.resolve(),
    };
  }

  async #begin(
    operation: FileOperation,
    path: string,
    machine: string,
    from?: string,
  ): Promise<void> {
    const losses = this.#lossesOf(machine);
    await new Promise<void>((done) => {
      const begin = (): void => {
        if (losses === this.#lossesOf(machine)) done();
      };
      if (this.#clock === undefined) begin();
      else this.#clock.after(this.latencyMs + this.lateMs(path), begin);
    });
    this.operations.push(`${operation} ${path}`);
    this.observe({ operation, path, from, machine });
    this.before(operation, path);
  }

  #cut(machine: string): void {
    this.#powerLosses.set(machine, (this.#powerLosses.get(machine) ?? 0) + 1);
  }

  #lossesOf(machine: string): number {
    return (this.#powerLosses.get(machine) ?? 0) + (this.#powerLosses.get(NOBODY) ?? 0);
  }

  /** Undefined: the name is gone. */
  #name(path: string, machine: string, entry: Entry | undefined): void {
    if (entry === undefined) this.#files.delete(path);
    else this.#files.set(path, entry);
    const directory = above(path);
    const names = this.#unsynced.get(directory) ?? new Map<string, string>();
    this.#unsynced.set(directory, names.set(path, machine));
  }

  #keep(path: string, entry: Entry | undefined): void {
    if (entry === undefined) this.#durable.delete(path);
    else this.#durable.set(path, entry);
    if (entry !== undefined) this.#files.set(path, entry);
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

/** All pieces, once they are made. */
export async function joined(pieces: Uint8Array | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  if (pieces instanceof Uint8Array) return pieces;
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(Uint8Array.from(piece)); // its memory is used again
  return Buffer.concat(all);
}

/** After a power loss. */
function keptOf(entry: Entry): Entry {
  if (entry.durableBytes >= entry.bytes.length) return entry;
  return { ...entry, bytes: entry.bytes.slice(0, entry.durableBytes) };
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const above = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));

export const fileError = (code: string, path: string): Error =>
  Object.assign(new Error(`${code}: ${path}`), { code });
