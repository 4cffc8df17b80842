// Bundles that clients have uploaded, to be run as Flink runs a jar. Files of a folder of the cluster's, each
// under a random name; what the client called it is a label behind that, of harmless characters.

import type { FileSystem } from '../core/file-system.ts';
import { newUploadId } from '../core/ids.ts';
import type { Random } from '../core/random.ts';

export interface UploadedBundle {
  /** `<random>_<label>`. */
  readonly id: string;
  readonly name: string;
  readonly uploadedMs: number;
}

const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}_[A-Za-z0-9._-]{1,100}$/;
const LABEL_MAX = 100;

export class UploadedBundles {
  readonly #files: FileSystem;
  readonly #random: Random;
  readonly directory: string;

  constructor(files: FileSystem, random: Random, directory: string) {
    this.#files = files;
    this.#random = random;
    this.directory = directory;
  }

  /** Newest first. */
  async list(): Promise<readonly UploadedBundle[]> {
    const names = (await this.#files.list(this.directory)).filter((name) => ID.test(name));
    const found = await Promise.all(names.map((id) => this.#find(id)));
    return found
      .filter((bundle) => bundle !== undefined)
      .toSorted((a, b) => b.uploadedMs - a.uploadedMs);
  }

  /** Resolves with its id. @param name As the client calls it, whatever that is. */
  async add(name: string, bytes: Uint8Array): Promise<string> {
    const label =
      name
        .split(/[/\\]/)
        .at(-1)
        ?.replace(/[^A-Za-z0-9._-]/g, '_') ?? '';
    const id = `${newUploadId(this.#random)}_${label.slice(-LABEL_MAX)}`;
    await this.#files.makeDirectory(this.directory);
    await this.#files.writeFile(`${this.directory}/${id}`, bytes);
    return id;
  }

  /** Undefined when there is none of that id. */
  async read(id: string): Promise<Uint8Array | undefined> {
    const found = await this.#find(id);
    return found && this.#files.readFile(`${this.directory}/${id}`);
  }

  /** False when there is none of that id. */
  async remove(id: string): Promise<boolean> {
    if ((await this.#find(id)) === undefined) return false;
    await this.#files.remove(`${this.directory}/${id}`);
    return true;
  }

  async #find(id: string): Promise<UploadedBundle | undefined> {
    if (!ID.test(id)) return undefined;
    const status = await this.#files.stat(`${this.directory}/${id}`);
    if (status?.kind !== 'file') return undefined;
    return {
      id,
      name: id.slice(id.indexOf('_') + 1),
      uploadedMs: Math.trunc(status.modifiedMs),
    };
  }
}
