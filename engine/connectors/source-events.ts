// What a source's readers and its enumerator say to one another.

import type { SourceSplit } from './source.ts';

export type FromReader = { readonly kind: 'register' } | { readonly kind: 'request-split' };

export type ToReader =
  | { readonly kind: 'add-splits'; readonly splits: readonly SourceSplit[] }
  | { readonly kind: 'no-more-splits' };
