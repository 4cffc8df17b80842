// What the components share: the stores, the compositor, and the way keys go. One object per screen, handed
// down by React's context, never changed.

import { createContext, use, useRef, useSyncExternalStore } from 'react';
import type { Context } from '../state/selection.ts';
import type { UiState } from '../state/ui-state.ts';
import type { Store } from '../store.ts';
import type { Compositor } from '../terminal/compositor.ts';
import type { Look } from '../text/look.ts';

export interface ScreenShared {
  readonly compositor: Compositor;
  readonly ui: Store<UiState>;
  readonly looks: Store<{ readonly look: Look }>;
  /** The state and the data as they are shown now. */
  context(): Context;
  onKeys(names: readonly string[]): void;
  onPaste(text: string): void;
}

export const ScreenContext = createContext<ScreenShared | undefined>(undefined);

export function useShared(): ScreenShared {
  const shared = use(ScreenContext);
  if (shared === undefined) throw new Error('a component of the screen outside of ScreenContext');
  return shared;
}

export function useLook(): Look {
  const { looks } = useShared();
  return useSyncExternalStore(looks.subscribe, () => looks.value.look);
}

/** What the structure is made of. Selections and scrolling are not: they repaint panes without React. */
export type Structure = Pick<
  UiState,
  'columns' | 'rows' | 'page' | 'isZoomed' | 'recent' | 'dialog'
>;

export function useStructure(): Structure {
  const { ui } = useShared();
  const last = useRef<Structure>(undefined);
  return useSyncExternalStore(ui.subscribe, () => {
    const next = ui.value;
    if (last.current === undefined || !isSameStructure(last.current, next)) last.current = next;
    return last.current;
  });
}

function isSameStructure(a: Structure, b: Structure): boolean {
  return (
    a.columns === b.columns &&
    a.rows === b.rows &&
    a.page === b.page &&
    a.isZoomed === b.isZoomed &&
    a.recent === b.recent &&
    a.dialog === b.dialog
  );
}
