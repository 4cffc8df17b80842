// What goes wrong, as data. An error that crosses a thread, a process or the network travels as an
// ErrorInfo: name, message, stack already mapped to the cell's lines, cause. Whatever user code threw
// (null, a string, an Error whose getters throw) becomes one without throwing again.

export interface ErrorInfo {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: ErrorInfo;
}

/** A "no" from the world, with a reason from a closed list. */
export class SluiceError<Reason extends string = string> extends Error {
  readonly reason: Reason;

  constructor(reason: Reason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SluiceError';
    this.reason = reason;
  }
}

/** The machine, not the program, is at fault, and may mend: a full disk, one that is read-only, or fails. */
export class MachineError<Reason extends string = string> extends SluiceError<Reason> {}

const CAUSES_MAX = 8;

export function errorInfo(thrown: unknown, depth = 0): ErrorInfo {
  if (typeof thrown !== 'object' || thrown === null) {
    return { name: 'Error', message: `threw ${printable(thrown)}, not an Error` };
  }
  const name = readText(thrown, 'name') ?? 'Error';
  const message =
    readText(thrown, 'message') ?? `threw an object that is not an Error: ${printable(thrown)}`;
  const stack = readText(thrown, 'stack');
  const cause = depth < CAUSES_MAX ? readField(thrown, 'cause') : undefined;
  return {
    name,
    message,
    ...(stack === undefined ? {} : { stack }),
    ...(cause === undefined ? {} : { cause: errorInfo(cause, depth + 1) }),
  };
}

/** `Name: message`, with the causes behind it, on one line each. */
export function describeError(info: ErrorInfo): string {
  const own =
    info.name === 'Error' || info.name === 'SluiceError'
      ? info.message
      : `${info.name}: ${info.message}`;
  return info.cause === undefined ? own : `${own}\n  caused by: ${describeError(info.cause)}`;
}

/** An Error that carries what an ErrorInfo says, for code that must throw. */
export function toError(info: ErrorInfo): Error {
  const error = new Error(
    info.message,
    info.cause === undefined ? undefined : { cause: toError(info.cause) },
  );
  error.name = info.name;
  if (info.stack !== undefined) error.stack = info.stack;
  return error;
}

function readText(from: object, field: string): string | undefined {
  const value = readField(from, field);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function readField(from: object, field: string): unknown {
  try {
    return (from as Record<string, unknown>)[field];
  } catch {
    return undefined; // a getter or a revoked proxy that throws: there is nothing to read
  }
}

function printable(value: unknown): string {
  try {
    if (typeof value === 'string') return JSON.stringify(value.slice(0, 200));
    if (typeof value === 'function')
      return `a function${value.name === '' ? '' : ` (${value.name})`}`;
    return String(value).slice(0, 200);
  } catch {
    return 'a value that cannot be printed';
  }
}
