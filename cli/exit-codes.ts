/** What the process exits with. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  compile: 4,
  timeout: 124,
  interrupted: 130,
  terminated: 143,
} as const;

/** Ends a command: the message goes to stderr, the code to the shell. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export const usageError = (message: string): CommandFailure =>
  new CommandFailure(EXIT.usage, message);
