// Rows that are painted already, at a place of the screen. Ink lays out and measures a placeholder only, and
// puts the rows in its stead when it draws: text with colours would be measured, wrapped and split anew with
// each commit.

import { Box, Text, Transform } from 'ink';
import type { ReactElement } from 'react';
import type { Rect } from '../text/grid.ts';

export interface SurfaceProps {
  readonly rect: Rect;
  /** Exactly as many as the rectangle is high. */
  readonly rows: readonly string[];
}

export function Surface({ rect, rows }: SurfaceProps): ReactElement {
  const { x, y, width, height } = rect;
  const placeholder = Array.from({ length: height }, () => '.'.repeat(width)).join('\n');
  return (
    <Box position="absolute" left={x} top={y} width={width} height={height}>
      <Transform transform={(_, line) => rows[line] ?? ''}>
        <Text>{placeholder}</Text>
      </Transform>
    </Box>
  );
}
