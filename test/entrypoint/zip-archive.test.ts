import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { zipContent, zipEntries } from '../../engine/entrypoint/zip-archive.ts';

/** As archivers write them: local headers with an extra field that the directory lacks. */
function zip(files: Readonly<Record<string, string>>, comment = ''): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const isStored = text.length < 10;
    const packed = isStored ? Buffer.from(text) : deflateRawSync(text);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(4, 28);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50);
    entry.writeUInt16LE(isStored ? 0 : 8, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(text.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    const whole = Buffer.concat([local, Buffer.from(name), Buffer.alloc(4), packed]);
    directory.push(entry, Buffer.from(name));
    parts.push(whole);
    offset += whole.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, list, end, Buffer.from(comment)]);
}

async function opened(content: Buffer) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-zip-'));
  writeFileSync(join(folder, 'a.jar'), content);
  const file = await open(join(folder, 'a.jar'));
  onTestFinished(async () => {
    await file.close();
    rmSync(folder, { recursive: true });
  });
  return file;
}

test('the wanted files are found behind a comment, and read whether packed or not', async () => {
  const long = 'a long text, '.repeat(500);
  const content = zip(
    { 'web/a.js': 'short', 'web/': '', 'b.class': 'x', 'web/c.css': long },
    'PK!',
  );
  const file = await opened(content);
  const entries = await zipEntries(file, (name) => name.startsWith('web/'));
  expect(entries.map(({ name }) => name)).toEqual(['web/a.js', 'web/c.css']);
  const texts = await Promise.all(entries.map((entry) => zipContent(file, entry)));
  expect(texts.map((bytes) => Buffer.from(bytes).toString())).toEqual(['short', long]);
});

test('what is no archive, or ends too soon, is refused', async () => {
  await expect(zipEntries(await opened(Buffer.from('no zip')), () => true)).rejects.toThrow(
    'no directory',
  );
  const whole = zip({ 'web/a.js': 'x'.repeat(100) });
  const [entry] = await zipEntries(await opened(whole), () => true);
  if (entry === undefined) throw new Error('no entry');
  const short = await opened(whole.subarray(0, 40));
  await expect(zipContent(short, entry)).rejects.toThrow('it ends at byte 42');
});

test('a file that is longer than it says is not unpacked further', async () => {
  const content = zip({ 'web/a.js': 'x'.repeat(1_000) });
  const file = await opened(content);
  const [entry] = await zipEntries(file, () => true);
  if (entry === undefined) throw new Error('no entry');
  await expect(zipContent(file, { ...entry, bytes: 10 })).rejects.toThrow(/larger than 10 bytes/);
});
