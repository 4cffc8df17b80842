// The logs of a cluster's processes, as REST gives them out. Whoever implements it sees to it that a name is
// that of a file in the folder of the logs, and never leads out of it.

export interface LogFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

export interface LogFiles {
  /** Plain files of the folder. */
  list(): Promise<readonly LogFile[]>;
  /** The end of one, as much as is shown; undefined when there is no such file. */
  read(name: string): Promise<Uint8Array | undefined>;
}
