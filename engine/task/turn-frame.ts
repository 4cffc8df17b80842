// A frame of its own for each task, in every stack and profile of its slot's thread, where the chains of a
// slot take turns: what a task does is what stands below its frame. Once a turn, so it costs nothing.

import { taskFrameUrl } from '../core/cpu-profile.ts';
import type { AttemptId } from '../core/ids.ts';

export function turnFrame(attemptId: AttemptId): (turn: () => boolean) => boolean {
  const text = `return turn();\n//# sourceURL=${taskFrameUrl(attemptId)}`;
  return new Function('turn', text) as (turn: () => boolean) => boolean;
}
