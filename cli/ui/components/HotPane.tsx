// A place on the screen that the compositor fills straight from a view. React only says where it is: figures
// change there without a commit.

import { useLayoutEffect } from 'react';
import type { Context } from '../state/selection.ts';
import type { Rect } from '../text/grid.ts';
import type { Look } from '../text/look.ts';
import { useShared } from './screen-context.ts';

export interface HotPaneProps {
  /** Unique on the screen. */
  readonly id: string;
  readonly rect: Rect;
  /** Compared by identity. */
  readonly inputs: (context: Context, look: Look) => readonly unknown[];
  readonly draw: (context: Context, width: number, height: number, look: Look) => readonly string[];
}

/** `inputs` and `draw` are taken when it appears, and again when its place changes. */
export function HotPane({ id, rect, inputs, draw }: HotPaneProps): null {
  const { compositor, looks, context } = useShared();
  const { x, y, width, height } = rect;
  useLayoutEffect(() => {
    compositor.setPane(id, {
      rect: { x, y, width, height },
      inputs: () => inputs(context(), looks.value.look),
      draw: (columns, rows) => draw(context(), columns, rows, looks.value.look),
    });
    return () => compositor.removePane(id);
  }, [compositor, looks, context, id, x, y, width, height, inputs, draw]);
  return null;
}
