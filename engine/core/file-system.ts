// Storage as the engine uses it: a seam, so that the simulation can lose power, fill the disk and flip
// bits. Durable means: the file's bytes are synced, and so is the directory that names it.

export interface FileStatus {
  readonly kind: 'file' | 'directory' | 'other';
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** The same under whatever name, as long as the file exists; never that of a file that replaced it. */
  readonly identity: string;
}

export interface FileSystem {
  /**
   * Creates or replaces a file and syncs its bytes. Its name is durable only after `syncDirectory`. Of several
   * pieces the next is asked for while one is being written, when those before that one have been: their memory
   * may be used again.
   */
  writeFile(path: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void>;
  readFile(path: string): Promise<Uint8Array>;
  /** Creates a file's second name; rejects with code EEXIST when that name is taken. */
  link(from: string, to: string): Promise<void>;
  /**
   * A second name for a file that nobody changes, where the file system can give it one, else a copy. Neither is
   * durable.
   */
  copy(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Creates the directory and those above it, all durable. */
  makeDirectory(path: string): Promise<void>;
  syncDirectory(path: string): Promise<void>;
  /** Names inside a directory, sorted; empty when there is none. */
  list(path: string): Promise<string[]>;
  /** Removes a file or a whole directory; nothing happens when there is none. */
  remove(path: string): Promise<void>;
  exists(path: string): Promise<boolean>;
  /** Of what a name stands for, links followed; undefined when there is none. */
  stat(path: string): Promise<FileStatus | undefined>;
}
