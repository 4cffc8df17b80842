// Where a piece of a snapshot is: small ones travel inside the acknowledgement, larger ones in a file of
// their own, and incremental ones in several: the first has all state, each of the others what has changed
// since the one before. All hold the same kind of bytes (task-snapshot.ts).

export interface StateFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly crc: number;
}

export type StateHandle =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  | ({ readonly kind: 'file' } & StateFile)
  | { readonly kind: 'chain'; readonly files: readonly StateFile[] };

/** Those that must be there for it to be read, in the order in which they are. */
export function filesOf(handle: StateHandle | undefined): readonly StateFile[] {
  switch (handle?.kind) {
    case undefined:
    case 'inline':
      return [];
    case 'file':
      return [handle];
    case 'chain':
      return handle.files;
  }
}

export function sizeOf(handle: StateHandle | undefined): number {
  if (handle?.kind === 'inline') return handle.bytes.length;
  return filesOf(handle).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
