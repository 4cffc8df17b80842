// What a program may see of its surroundings: frozen in the submission, the same at every evaluation.

export interface Surroundings {
  /** `--set name=value`, read by `env.param`. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly configuration: Readonly<Record<string, string>>;
  /** What `Date`, `Math.random` and `crypto` show during evaluation. */
  readonly nowMs: number;
  readonly seed: number;
}
