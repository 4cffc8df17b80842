// What the type service and its worker say to each other. The worker knows files of TypeScript and nothing of
// cells: what it finds is put in a notebook's terms by its reader (notebook-types.ts).

export type ToTypes =
  | { readonly kind: 'check'; readonly path: string; readonly text: string }
  | {
      readonly kind: 'type';
      readonly path: string;
      readonly text: string;
      readonly line: number;
      readonly column: number;
    };

export type FromTypes =
  | { readonly kind: 'findings'; readonly findings: readonly Finding[] }
  /** Undefined where there is nothing with a type. */
  | { readonly kind: 'type'; readonly type: string | undefined };

/** What TypeScript, or a rule of ours, has to say about a place. */
export interface Finding {
  /** Absolute. */
  readonly file: string;
  /** From 1; undefined when it is of no place in the file. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** The line it speaks of. */
  readonly text: string | undefined;
  readonly message: string;
  readonly severity: 'error' | 'warning';
  /** TypeScript's number; 0 for our own. */
  readonly code: number;
}
