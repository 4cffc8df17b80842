// Checkpoints and savepoints on a file system: a directory each, with the files of its subtasks and the
// metadata, which is written twice and carries a checksum. One exists when its metadata does: that is written
// last, and the directory is synced before anybody hears of it. The metadata names files without their folder,
// so that the directory can be moved; that of an incremental one together with the folder `shared` beside it.

import { crc32 } from 'node:zlib';
import { ByteReader, ByteWriter, CorruptData } from '../core/byte-buffer.ts';
import { SluiceError } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import { decodeValue } from '../core/value-reader.ts';
import { encodeValue } from '../core/value-writer.ts';
import type { StateFile, StateHandle } from '../state/state-handle.ts';
import type { CompletedCheckpoint } from './checkpoint.ts';
import { pathOfStored, storedName } from './shared-files.ts';

const MAGIC = 'SLCP';
/** Of checkpoints whose files are all in their own directory, and of others. */
const OWN = 1;
const SHARING = 2;
const METADATA = '_metadata';
const COPY = '_metadata.copy';

export class CheckpointStorage {
  readonly #files: FileSystem;
  readonly directory: string;

  /** `directory`: of this job. */
  constructor(files: FileSystem, directory: string) {
    this.#files = files;
    this.directory = directory;
  }

  pathOf(checkpointId: number): string {
    return `${this.directory}/chk-${checkpointId}`;
  }

  /** @param path Of a checkpoint or a savepoint. */
  async prepare(path: string): Promise<void> {
    await this.#files.makeDirectory(path);
  }

  /** Durable when it resolves. */
  async store(checkpoint: CompletedCheckpoint): Promise<void> {
    const bytes = encodeMetadata(
      withPaths(checkpoint, (file) => storedName(checkpoint.path, file)),
    );
    await this.#files.writeFile(`${checkpoint.path}/${COPY}`, bytes);
    await this.#files.writeFile(`${checkpoint.path}/${METADATA}`, bytes);
    await this.#files.syncDirectory(checkpoint.path);
  }

  async remove(path: string): Promise<void> {
    await this.#files.remove(path);
  }
}

/**
 * From wherever it is now.
 * @param onDamage Told which copy is damaged, where the other one can be used.
 * @throws SluiceError naming the files when neither copy can be used, or each is of another checkpoint.
 */
export async function readCheckpoint(
  files: FileSystem,
  path: string,
  onDamage: (text: string) => void = () => undefined,
): Promise<CompletedCheckpoint> {
  const copies = await Promise.all(
    [METADATA, COPY].map((name) => readMetadata(files, `${path}/${name}`)),
  );
  const failures = copies.flatMap((copy) => ('failure' in copy ? [copy.failure] : []));
  const [first, second] = copies.flatMap((copy) => ('failure' in copy ? [] : [copy]));
  if (first === undefined)
    throw new SluiceError(
      'checkpoint-unreadable',
      `no checkpoint can be read from ${path}: ${failures.join('; ')}`,
    );
  if (second !== undefined && !Buffer.from(first.bytes).equals(second.bytes))
    throw new SluiceError(
      'checkpoint-unreadable',
      `${first.file} and ${second.file} are of two checkpoints: one of them has been replaced`,
    );
  for (const failure of failures) onDamage(`${failure}; its copy ${first.file} is used`);
  return withPaths({ ...first.found, path }, (name) => pathOfStored(path, name));
}

type Copy =
  | { readonly file: string; readonly bytes: Uint8Array; readonly found: CompletedCheckpoint }
  | { readonly failure: string };

async function readMetadata(files: FileSystem, file: string): Promise<Copy> {
  try {
    const bytes = await files.readFile(file);
    return { file, bytes, found: decodeMetadata(bytes) };
  } catch (error) {
    return { failure: `${file}: ${(error as Error).message}` };
  }
}

/** The same with other paths of its files. */
function withPaths(
  checkpoint: CompletedCheckpoint,
  pathOf: (path: string) => string,
): CompletedCheckpoint {
  const renamed = <F extends StateFile>(file: F): F => ({ ...file, path: pathOf(file.path) });
  const withOwn = (handle: StateHandle | undefined): StateHandle | undefined => {
    if (handle?.kind === 'file') return renamed(handle);
    return handle?.kind === 'chain' ? { ...handle, files: handle.files.map(renamed) } : handle;
  };
  const vertices = checkpoint.vertices.map((vertex) => ({
    ...vertex,
    subtasks: vertex.subtasks.map((old) => ({ ...old, handle: withOwn(old.handle) })),
  }));
  return { ...checkpoint, vertices };
}

const isSharing = ({ vertices }: CompletedCheckpoint): boolean =>
  vertices.some(({ subtasks }) => subtasks.some(({ handle }) => handle?.kind === 'chain'));

function encodeMetadata(checkpoint: CompletedCheckpoint): Uint8Array {
  const content = encodeValue(checkpoint);
  const out = new ByteWriter(content.length + 16);
  out.bytes(Buffer.from(MAGIC));
  out.byte(isSharing(checkpoint) ? SHARING : OWN);
  out.u32(crc32(content));
  out.bytes(content);
  return out.toBytes();
}

function decodeMetadata(bytes: Uint8Array): CompletedCheckpoint {
  const input = new ByteReader(bytes);
  if (Buffer.from(input.bytes(MAGIC.length)).toString() !== MAGIC)
    throw new CorruptData('not a checkpoint');
  const version = input.byte();
  if (version !== OWN && version !== SHARING) {
    throw new SluiceError(
      'checkpoint-version',
      `format version ${version}, this sluice reads versions ${OWN} and ${SHARING}`,
    );
  }
  const expected = input.u32();
  const content = input.bytes(input.remaining);
  if (crc32(content) !== expected) throw new CorruptData('it has changed since it was written');
  return decodeValue(content) as CompletedCheckpoint;
}
