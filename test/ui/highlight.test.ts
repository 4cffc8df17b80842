import fc from 'fast-check';
import { expect, test } from 'vitest';
import { highlight, lexLine } from '../../cli/ui/views/highlight.ts';

const styled = (line: string, carry = ''): string =>
  lexLine(line, carry)
    .spans.filter(({ text }) => text.trim() !== '')
    .map(({ style, text }) => `${style}:${text}`)
    .join(' ');

test('keywords, names of types, calls, literals and strings have their styles', () => {
  expect(styled("const n = new Map<string>('a', 1.5e3);")).toBe(
    "keyword:const text:n text:= keyword:new type:Map text:< text:string text:> text:( string:'a' text:, literal:1.5e3 text:) text:;",
  );
  expect(styled('flights.filter((f) => f.type)')).toBe(
    'text:flights text:. call:filter text:( text:( text:f text:) text:= text:> text:f text:. text:type text:)',
  );
});

test('a regular expression is told from a division', () => {
  expect(styled('x = /a[/]b/g.test(y)')).toContain('string:/a[/]b/g');
  expect(styled('x = a / b / c')).not.toContain('string');
});

test('a comment stays open over lines', () => {
  const open = lexLine('a /* begins', '');
  expect(open.carry).toBe('c');
  expect(styled('still */ const', open.carry)).toBe('dim:still */ keyword:const');
});

test('a template stays open, with an expression that has blocks and templates of its own', () => {
  const open = '$'.concat('{');
  const lines = [
    `const t = \`a ${open}[1].map((x) => {`,
    `  return \`<${open}x}>\`; })} b`,
    'end`; done()',
  ];
  const result = highlight(lines);
  expect(result[1]?.at(-1)).toEqual({ style: 'string', text: ' b' });
  expect(result[2]?.[0]).toEqual({ style: 'string', text: 'end`' });
  expect(result[2]?.some(({ style, text }) => style === 'call' && text === 'done')).toBe(true);
});

test('every character of every line is kept, whatever it inherits', () => {
  const carry = fc.string({ unit: fc.constantFrom('c', '`', '$', '{'), maxLength: 5 });
  const source = fc.string({
    unit: fc.constantFrom(...('`{}$/*"\'\\ab1 .(=\u{1f600}ü'.match(/./gsu) ?? [])),
    maxLength: 30,
  });
  fc.assert(
    fc.property(source, carry, (line, inherited) => {
      const { spans } = lexLine(line, inherited);
      expect(spans.map(({ text }) => text).join('')).toBe(line);
    }),
  );
});
