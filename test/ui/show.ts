// Prints any view on any fixture at any size: `node test/ui/show.ts plan flights 100 30 [dark|light|mono] [ascii]`.
// Without arguments it lists what there is.

import { createLook } from '../../cli/ui/text/look.ts';
import type { ThemeName } from '../../cli/ui/text/theme.ts';
import { SHOWN } from './shown-views.ts';

const [view = '', fixture = '', width = '100', height = '30', theme = 'dark', glyphs = 'unicode'] =
  process.argv.slice(2);
const draw = SHOWN[view]?.[fixture];
if (draw === undefined) {
  for (const [name, fixtures] of Object.entries(SHOWN)) {
    process.stdout.write(`${name}: ${Object.keys(fixtures).join(' ')}\n`);
  }
} else {
  const look = createLook(theme as ThemeName, glyphs === 'ascii' ? 'ascii' : 'unicode');
  process.stdout.write(`${draw(Number(width), Number(height), look).join('\n')}\n`);
}
