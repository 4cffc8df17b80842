// Reads single files out of a zip archive, such as a jar, without unpacking it: the directory at its end says
// where each lies. No zip64: jars of that size have none of what we look for.

import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { SluiceError } from '../core/errors.ts';

const inflate = promisify(inflateRaw);

/** The directory's end: at least so long, and at most so far before the archive's end. */
const END_BYTES = 22;
const END_SPAN = END_BYTES + 0xffff;
const END_MARK = 0x06054b50;
const ENTRY_MARK = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const DEFLATED = 8;
/** One file of more is not read. */
const FILE_BYTES_MAX = 32 * 2 ** 20;

export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

/** The files whose names pass. @throws SluiceError when it is no archive. */
export async function zipEntries(
  file: FileHandle,
  isWanted: (name: string) => boolean,
): Promise<readonly ZipEntry[]> {
  const { size } = await file.stat();
  const tail = await read(file, Math.max(0, size - END_SPAN), Math.min(size, END_SPAN));
  let end = tail.length - END_BYTES;
  while (end >= 0 && tail.readUInt32LE(end) !== END_MARK) end--;
  if (end < 0) throw broken('it has no directory');
  const directory = await read(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  const entries: ZipEntry[] = [];
  for (let at = 0; at + ENTRY_BYTES <= directory.length; ) {
    if (directory.readUInt32LE(at) !== ENTRY_MARK) throw broken(`no entry at byte ${at}`);
    const nameEnd = at + ENTRY_BYTES + directory.readUInt16LE(at + 28);
    const name = directory.toString('utf8', at + ENTRY_BYTES, nameEnd);
    if (!name.endsWith('/') && isWanted(name)) entries.push(entryAt(directory, at, name));
    at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

export async function zipContent(file: FileHandle, entry: ZipEntry): Promise<Uint8Array> {
  if (entry.bytes > FILE_BYTES_MAX) throw broken(`${entry.name} has ${entry.bytes} bytes`);
  const local = await read(file, entry.offset, LOCAL_BYTES);
  // Its own header may be longer than what the directory says of it.
  const skip = LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
  const packed = await read(file, entry.offset + skip, entry.packedBytes);
  if (entry.method !== DEFLATED) return packed;
  return inflate(packed, { maxOutputLength: Math.max(1, entry.bytes) });
}

const entryAt = (directory: Buffer, at: number, name: string): ZipEntry => ({
  name,
  method: directory.readUInt16LE(at + 10),
  packedBytes: directory.readUInt32LE(at + 20),
  bytes: directory.readUInt32LE(at + 24),
  offset: directory.readUInt32LE(at + 42),
});

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), position });
  if (bytesRead < length) throw broken(`it ends at byte ${position + bytesRead}`);
  return buffer;
}

const broken = (why: string): SluiceError =>
  new SluiceError('bad-archive', `no zip archive that can be read: ${why}`);
