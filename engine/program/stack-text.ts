// A stack as text, as the inspector gives it for a thread that cannot be asked: mapped to the notebook's
// lines, and without the frames that are ours.

import type { Bundle } from './bundle.ts';
import { scriptOf } from './bundle-script.ts';

const FRAME = /^(\s+at (?:.* \()?)(.*):(\d+):(\d+)(\)?)$/;

export function mapStackText(stack: string, bundle: Bundle): string {
  const script = scriptOf(bundle);
  return stack
    .split('\n')
    .flatMap((line) => {
      const [, before, file, row, column, after] = FRAME.exec(line) ?? [];
      if (file !== script.name) return [];
      const place = script.placeOf(Number(row), Number(column));
      return place === undefined
        ? []
        : [`${before}${place.file}:${place.line}:${place.column}${after}`];
    })
    .join('\n');
}
