// Where a piece of a snapshot is: small ones travel inside the acknowledgement, larger ones in a file of
// their own. Both hold the same bytes (snapshot-format.ts).

export type StateHandle =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly sizeBytes: number;
      readonly crc: number;
    };
