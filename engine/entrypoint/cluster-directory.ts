// The folder of a running cluster: sockets, logs, checkpoints, and who owns it. Only the user may look
// inside. Of a cluster that was killed, a TaskManager that outlives it for a moment removes the folder; where
// there was none, the next cluster to start does.

import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type Clock, delay } from '../core/clock.ts';
import { SluiceError } from '../core/errors.ts';

const OWNER = 'owner.pid';

/** Where clusters of this user live: `$XDG_RUNTIME_DIR/sluice`, else a folder of ours in the temp directory. */
export function runtimeDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const xdg = environment['XDG_RUNTIME_DIR'];
  const root =
    xdg !== undefined && existsSync(xdg)
      ? join(xdg, 'sluice')
      : join(tmpdir(), `sluice-${userInfo().uid}`);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  checkOwner(root);
  return root;
}

/** Tokens and sockets go there: a folder that somebody else has put in the way is not taken. */
function checkOwner(root: string): void {
  const { uid, mode } = lstatSync(root);
  if (uid === userInfo().uid && (mode & 0o077) === 0) return;
  throw new SluiceError(
    'cluster',
    `${root} belongs to another user, or others may look inside: remove it, or set XDG_RUNTIME_DIR`,
  );
}

/** A new folder of this process. Short, since socket paths are limited to about 100 characters. */
export function createClusterDirectory(root: string = runtimeDirectory()): string {
  removeAbandoned(root);
  const directory = mkdtempSync(join(root, 'c-'));
  mkdirSync(join(directory, 'logs'), { mode: 0o700 });
  writeFileSync(join(directory, OWNER), String(process.pid));
  return directory;
}

export function removeClusterDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

/** A process that dies closes one thing after the other: its socket may be the last. */
const DESERTED_LOOKS = 20;
const DESERTED_LOOK_MS = 50;

/** The process that owned the folder, when nobody listens at `socket` in it any more. */
export async function ownerOfDeserted(
  directory: string,
  socket: string,
  clock: Clock,
): Promise<number | undefined> {
  // Not by its id: a process that was killed has one until its parent has asked for its end.
  for (let look = 1; await listens(socket); look++) {
    if (look === DESERTED_LOOKS) return undefined;
    await delay(clock, DESERTED_LOOK_MS);
  }
  return ownerOf(directory);
}

function listens(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}

/** Whether a process with that id lives; one of another user counts. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function removeAbandoned(root: string): void {
  for (const name of readdirSync(root)) {
    if (!name.startsWith('c-')) continue;
    const directory = join(root, name);
    const pid = ownerOf(directory);
    if (pid !== undefined && !isAlive(pid)) removeClusterDirectory(directory);
  }
}

function ownerOf(directory: string): number | undefined {
  try {
    return Number(readFileSync(join(directory, OWNER), 'utf8'));
  } catch {
    return undefined; // being made, or not ours
  }
}
