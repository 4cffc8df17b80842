// The structure of the screen: the frame, the panes in it, a dialog over them, and the keyboard. It is drawn
// again when that changes, never when data does.

import { Box, useInput, usePaste } from 'ink';
import type { ReactElement } from 'react';
import { frameView } from '../chrome/frame.ts';
import { layoutOf, type PaneId } from '../layout.ts';
import { keyNames } from '../state/key-names.ts';
import { Overlay } from './Overlay.tsx';
import { Panes } from './Panes.tsx';
import { Surface } from './Surface.tsx';
import { useLook, useShared, useStructure } from './screen-context.ts';

export function App(): ReactElement {
  const structure = useStructure();
  const look = useLook();
  const { onKeys, onPaste } = useShared();
  useInput((input, key) => onKeys(keyNames(input, key)));
  usePaste(onPaste);
  const { columns, rows, page, recent, dialog } = structure;
  const layout = layoutOf(structure);
  const focus: PaneId = recent[0] ?? 'plan';
  return (
    <Box width={columns} height={rows}>
      {layout.kind !== 'line' && (
        <Surface
          rect={{ x: 0, y: 0, width: columns, height: rows }}
          rows={frameView(layout, page, focus, columns, rows, look)}
        />
      )}
      <Panes layout={layout} page={page} columns={columns} rows={rows} />
      {dialog !== undefined && <Overlay dialog={dialog} columns={columns} rows={rows} />}
    </Box>
  );
}
