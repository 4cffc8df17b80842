import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeUntrusted, expandTabs } from '../../cli/ui/text/escape.ts';
import * as figures from '../../cli/ui/text/figures.ts';
import { ASCII, UNICODE } from '../../cli/ui/text/glyphs.ts';
import { createLook } from '../../cli/ui/text/look.ts';
import { alignLeft, alignRight, paintRow, row, span } from '../../cli/ui/text/spans.ts';
import { displayWidth, truncate, wrapText } from '../../cli/ui/text/width.ts';
import { hostileText } from './hostile.ts';

const FORBIDDEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]|[\p{Mn}\p{Me}]{3}/u;

describe('what came from outside', () => {
  test('holds nothing that commands, hides or reorders, whatever it was', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(escapeUntrusted(text)).not.toMatch(FORBIDDEN);
      }),
    );
  });

  test('is the same when escaped twice', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const once = escapeUntrusted(text);
        expect(escapeUntrusted(once)).toBe(once);
      }),
    );
  });

  test('shows what stood there', () => {
    expect(escapeUntrusted('\x1b[31mred\r\n\t\u009b')).toBe('\\u{1b}[31mred\\r\\n\\t\\u{9b}');
    expect(escapeUntrusted('a\u202eb\u200bc\u{e0041}\ud800')).toBe(
      'a\\u{202e}b\\u{200b}c\\u{e0041}\\u{d800}',
    );
  });

  test('keeps ordinary text of any script, and two marks on a character', () => {
    for (const text of ['Zürich', '中文', 'Việt', 'שָׁלוֹם', '😀', '{"a":"\\\\"}']) {
      expect(escapeUntrusted(text)).toBe(text);
    }
    expect(escapeUntrusted(`e${'\u0301'.repeat(500)}`)).toBe('e\u0301\u0301…');
  });

  test('an invisible mark shows, alone and among others', () => {
    expect(escapeUntrusted('a\u{e0100}')).toBe('a\\u{e0100}');
    expect(escapeUntrusted('e\u0301\u{e0100}\u0301\u0302')).toBe('e\u0301\u0301…');
  });

  test('an emoji keeps its picture without its presentation selector', () => {
    expect(escapeUntrusted('❤️')).toBe('❤');
  });
});

describe('widths', () => {
  test('wrapped text has its words, and no line that is too wide', () => {
    expect(wrapText('cannot read the file', 9)).toEqual(['cannot', 'read the', 'file']);
    expect(wrapText('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
    expect(wrapText('one\ntwo three', 5)).toEqual(['one', 'two', 'three']);
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 2, max: 30 }), (hostile, columns) => {
        const text = escapeUntrusted(hostile);
        const lines = wrapText(text, columns);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      }),
    );
  });

  test('wide characters take two columns, marks none', () => {
    expect(displayWidth('abc')).toBe(3);
    expect(displayWidth('日本')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
    expect(displayWidth('😀')).toBe(2);
    expect(displayWidth('●◌✗▓╭')).toBe(5);
  });

  test('shortened text never exceeds its columns', () => {
    fc.assert(
      fc.property(hostileText, fc.nat(60), (text, columns) => {
        const safe = escapeUntrusted(text);
        expect(displayWidth(truncate(safe, columns, '…'))).toBeLessThanOrEqual(columns);
        expect(displayWidth(alignLeft(text, columns))).toBe(columns);
        expect(displayWidth(alignRight(text, columns))).toBe(columns);
      }),
    );
  });

  test('every sign of both sets takes one column', () => {
    for (const glyphs of [UNICODE, ASCII]) {
      for (const sign of Object.values(glyphs)) {
        expect(displayWidth(sign), sign).toBe([...sign].length);
      }
      expect([...glyphs.lines], glyphs.lines).toHaveLength(16);
      expect([...glyphs.rounded], glyphs.rounded).toHaveLength(16);
    }
  });

  test('a tab reaches the next stop', () => {
    expect(expandTabs('\ta\tbb\tc', 4)).toBe('    a   bb  c');
  });
});

describe('the gate', () => {
  const look = createLook('dark', 'unicode');

  test('escapes whatever is painted', () => {
    expect(look.paint('text', '\x1b[2J')).toBe('\\u{1b}[2J');
    expect(look.paint('bad', '\x07')).toMatch(/^\x1b\[[\d;]+m\\u\{7\}\x1b\[0m$/);
  });

  test('without colours uses none', () => {
    const mono = createLook('mono', 'unicode');
    expect(mono.paint('good', 'fine')).toBe('fine');
    expect(mono.paint('bad', 'wrong')).toBe('\x1b[1mwrong\x1b[0m');
  });

  test('in ASCII lets nothing else out, at the same width', () => {
    const ascii = createLook('mono', 'ascii');
    expect(ascii.paint('text', '×4 → 日本…')).toBe('x4 > ????~');
  });

  test('the right side of a row wins over the left', () => {
    const plain = createLook('mono', 'unicode');
    const both = { spans: [span('text', 'a long title')], right: [span('text', '12 ms')] };
    expect(paintRow(plain, 14, both)).toBe('a long … 12 ms');
    expect(paintRow(plain, 20, both)).toBe('a long title   12 ms');
    expect(paintRow(plain, 4, row(span('text', 'ab'), span('text', 'cdef')))).toBe('abc…');
  });
});

describe('figures', () => {
  test('counts keep to five columns', () => {
    const cases = [0, 7, 999, 999.6, 1_000, 12_149, 999_949, 3_450_000, -12_100, Number.NaN];
    expect(cases.map(figures.count)).toEqual([
      '0',
      '7',
      '999',
      '1.00k',
      '1.00k',
      '12.1k',
      '1.00M',
      '3.45M',
      '-12.1k',
      '–',
    ]);
  });

  test('rates, sizes and times read as people write them', () => {
    expect([0, 3.44, 9.96, 41, 12_100].map(figures.rate)).toEqual([
      '0/s',
      '3.4/s',
      '10/s',
      '41/s',
      '12.1k/s',
    ]);
    expect([0, 812, 1_250_000, undefined].map(figures.bytes)).toEqual([
      '0 B',
      '812 B',
      '1.25 MB',
      '–',
    ]);
    expect([0.84, 12.4, 999, 1_240, 185_000, 7_385_000, 352_800_000].map(figures.duration)).toEqual(
      ['0.8 ms', '12 ms', '999 ms', '1.24 s', '3:05', '2:03:05', '4d 02h'],
    );
    expect([-5, 400, 12_900, 61_000].map(figures.age)).toEqual(['0.0 s', '0.4 s', '12 s', '1:01']);
    expect([0, 0.5, 1.7, undefined].map(figures.percent)).toEqual(['  0%', ' 50%', '100%', '  – ']);
  });

  test('event times have a date unless it is today', () => {
    const now = Date.UTC(2026, 0, 2, 12);
    expect(figures.eventTime(Date.UTC(2026, 0, 2, 11, 59, 58), now)).toBe('11:59:58');
    expect(figures.eventTime(Date.UTC(2001, 0, 3, 14, 1), now)).toBe('2001-01-03 14:01');
    expect(figures.eventTime(Number.POSITIVE_INFINITY, now)).toBe('end of time');
    expect(figures.eventTime(1e300, now)).toBe('–');
  });

  test('no figure is ever longer than its place', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(figures.percent(value)).toHaveLength(4);
        if (Math.abs(value) < 1e17) expect(figures.count(value).length).toBeLessThanOrEqual(6);
      }),
    );
  });

  test('a sparkline reaches from its lowest to its highest step', () => {
    expect(figures.sparkline([0, 5, 10], 10, UNICODE)).toBe('▁▄█');
    expect(figures.sparkline([0, 0], 10, UNICODE)).toBe('▁▁');
    expect(figures.sparkline([1, 2, 3, 4], 2, UNICODE)).toBe('▆█');
  });

  test('the parts of a bar fill at most its width, and none above zero vanishes while there is room', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
        fc.nat(40),
        (shares, width) => {
          const columns = figures.barColumns(shares, width);
          expect(columns.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(width);
        },
      ),
    );
    expect(figures.barColumns([0.001, 0.5], 10)).toEqual([1, 5]);
  });
});
