// Bundles and data of jobs, by the hash of their content: fetched once from the JobManager, shared by all
// tasks of the process, and dropped, least recently used first, beyond a bound.

import { assert } from '../../core/assert.ts';
import { type BlobKey, blobKeyOf } from '../../core/ids.ts';
import { limits } from '../../core/limits.ts';

/** Room for two of the largest jobs. */
const CACHE_BYTES_MAX = 2 * (limits.bundleBytesMax + limits.collectionBytesMax);

export class BlobCache {
  readonly #blobs = new Map<BlobKey, Uint8Array>();
  readonly #fetching = new Map<BlobKey, Promise<Uint8Array>>();
  #bytes = 0;

  get(key: BlobKey): Uint8Array | undefined {
    return this.#blobs.get(key);
  }

  fetch(
    keys: readonly BlobKey[],
    request: (key: BlobKey) => Promise<Uint8Array>,
  ): Promise<[BlobKey, Uint8Array][]> {
    return Promise.all(
      keys.map(async (key) => [key, await this.#one(key, request)] as [BlobKey, Uint8Array]),
    );
  }

  #one(key: BlobKey, request: (key: BlobKey) => Promise<Uint8Array>): Promise<Uint8Array> {
    const known = this.#blobs.get(key);
    if (known !== undefined) {
      this.#blobs.delete(key);
      this.#blobs.set(key, known); // the most recently used stands last
      return Promise.resolve(known);
    }
    const fetching = this.#fetching.get(key) ?? this.#request(key, request);
    this.#fetching.set(key, fetching);
    return fetching;
  }

  async #request(
    key: BlobKey,
    request: (key: BlobKey) => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    try {
      const bytes = await request(key);
      assert(blobKeyOf(bytes) === key, `blob ${key} has other content`);
      this.#blobs.set(key, bytes);
      this.#bytes += bytes.length;
      this.#evict(key);
      return bytes;
    } finally {
      this.#fetching.delete(key);
    }
  }

  #evict(keep: BlobKey): void {
    for (const [key, bytes] of this.#blobs) {
      if (this.#bytes <= CACHE_BYTES_MAX || key === keep) return;
      this.#blobs.delete(key);
      this.#bytes -= bytes.length;
    }
  }
}
