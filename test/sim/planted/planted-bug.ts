// Bugs of the protocol, each planted into the engine's source as it is loaded: a piece of text that stands in one
// file exactly once, and what stands there instead.

export interface PlantedBug {
  readonly name: string;
  /** Below engine/. */
  readonly file: string;
  /** Stands in it exactly once. */
  readonly find: string;
  readonly replace: string;
  /** What no longer holds. */
  readonly breaks: string;
}
