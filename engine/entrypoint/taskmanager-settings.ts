// What a TaskManager's process is told by whoever starts it.

import type { ResourceId } from '../core/ids.ts';

/** Where a TaskManager finds who leads. */
export type LeaderAt =
  /** The only one. */
  | { readonly kind: 'fixed'; readonly rpc: string }
  /** Whoever has been elected there. */
  | { readonly kind: 'elected'; readonly directory: string };

export interface TaskManagerSettings {
  readonly resourceId: ResourceId;
  readonly secret: string;
  readonly leader: LeaderAt;
  readonly address: string;
  readonly dataAddress: string;
  readonly slotsMax: number;
  readonly slots: 'fixed' | 'elastic';
  readonly memoryBytes: number;
  /** The cluster's, under Flink's keys. */
  readonly configuration: Readonly<Record<string, string>>;
}
