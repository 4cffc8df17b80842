// A "no" over HTTP, as Flink says it: a status and texts.

export class RestError extends Error {
  override readonly name = 'RestError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const badRequest = (message: string): RestError => new RestError(400, message);
export const notFound = (message: string): RestError => new RestError(404, message);

/** Where Flink says 500 although nothing is broken: its clients show the text, and rely on no other status. */
export const serverError = (message: string): RestError => new RestError(500, message);
