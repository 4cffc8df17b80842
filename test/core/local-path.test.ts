import { expect, test } from 'vitest';
import { localPath } from '../../engine/core/local-path.ts';

test.each([
  ['/a/b', '/a/b'],
  ['/a/b//', '/a/b'],
  ['/', '/'],
  ['file:///a/b', '/a/b'],
  ['file:/a/b/', '/a/b'],
  ['file:///my%20folder/b', '/my folder/b'],
])('%s is %s', (location, path) => {
  expect(localPath(location)).toBe(path);
});

test.each(['', 'a/b', './a', 'hdfs://host/a', 's3://bucket'])(
  '%j is refused and named',
  (location) => {
    expect(() => localPath(location)).toThrow(JSON.stringify(location));
  },
);
