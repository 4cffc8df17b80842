// A dialog over the panes: Ink draws it, and the compositor lets Ink's frame show there. The terminal's own
// cursor stands in its line, where input methods and screen readers look for it.

import { type ReactElement, useLayoutEffect } from 'react';
import { dialogCursor, dialogRect, dialogView } from '../chrome/dialogs.ts';
import type { Dialog } from '../state/ui-state.ts';
import { Surface } from './Surface.tsx';
import { useLook, useShared } from './screen-context.ts';

export interface OverlayProps {
  readonly dialog: Dialog;
  readonly columns: number;
  readonly rows: number;
}

export function Overlay({ dialog, columns, rows }: OverlayProps): ReactElement {
  const { compositor, context } = useShared();
  const look = useLook();
  const rect = dialogRect(dialog, columns, rows);
  const { x, y, width, height } = rect;
  useLayoutEffect(() => {
    compositor.setMask('dialog', { x, y, width, height });
    return () => compositor.removeMask('dialog');
  }, [compositor, x, y, width, height]);
  useLayoutEffect(() => {
    compositor.setCursor(dialogCursor(dialog, { x, y, width, height }));
    return () => compositor.setCursor(undefined);
  }, [compositor, dialog, x, y, width, height]);
  return <Surface rect={rect} rows={dialogView(dialog, context(), rect, look)} />;
}
