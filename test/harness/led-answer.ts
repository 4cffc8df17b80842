// What whoever leads a simulated cluster answers: a client that is told nothing, because the leader has gone, does not
// know whether it was done.

import type { MiniCluster } from './mini-cluster.ts';

/** `none`: whoever was asked leads no more, or it is enough. */
export type Answer<T> =
  | { readonly kind: 'result'; readonly result: T }
  | { readonly kind: 'refused'; readonly error: unknown }
  | { readonly kind: 'none' };

/** @param isEnough Ends the wait. */
export async function whileLed<T>(
  cluster: MiniCluster,
  answer: Promise<T>,
  isEnough: () => boolean = () => false,
  withinMs?: number,
): Promise<Answer<T>> {
  const { leader, clock } = cluster;
  const epoch = leader?.epoch;
  let answered: Answer<T> | undefined;
  const said = (what: Answer<T>): void => {
    answered = what;
  };
  answer.then(
    (result) => said({ kind: 'result', result }),
    (error: unknown) => said({ kind: 'refused', error }),
  );
  const isGone = (): boolean =>
    leader?.leads !== true || cluster.leader !== leader || leader.epoch !== epoch;
  await clock.play(() => answered !== undefined || isGone() || isEnough(), 'an answer', withinMs);
  return answered ?? { kind: 'none' };
}
