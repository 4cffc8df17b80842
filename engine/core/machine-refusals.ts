// What a machine refuses for a while: a disk gets room, is mounted or readable again. A program is not at fault then,
// and its job goes on when the machine lets it.

/** What is to be done about it meanwhile, by the system's code. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space',
  EDQUOT: 'free some space, or have the quota raised',
  EROFS: 'make its file system writable again',
  EIO: 'look after its disk',
};

/** Undefined for what will not pass by itself, or was never the machine's. */
export const adviceOn = (code: string | undefined): string | undefined =>
  code === undefined ? undefined : ADVICE[code];
