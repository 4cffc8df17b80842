// What an embedded JobManager's thread and its client say to one another.

export interface JobManagerWorkerData {
  readonly directory: string;
  readonly token: string;
  readonly configuration: Readonly<Record<string, string>>;
}

export type FromJobManager =
  | { readonly kind: 'ready'; readonly restUrl: string }
  | { readonly kind: 'failed'; readonly message: string };

export type ToJobManager = { readonly kind: 'close' };
