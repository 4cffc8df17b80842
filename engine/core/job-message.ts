// What a job says beside its rows: lines that its functions write to the console, and what its operators have
// to tell, such as a source that waits for its server.

import type { LogLevel } from './logger.ts';

export interface JobMessage {
  readonly level: LogLevel;
  /** The operator, with its subtask where there are several; empty for what the job says itself. */
  readonly source: string;
  /** As written, shortened to `limits.messageCharsMax`; may hold anything: who shows it escapes it. */
  readonly text: string;
}

/** As the JobMaster keeps it. */
export interface NumberedMessage extends JobMessage {
  /** From 0, without gaps. */
  readonly number: number;
  readonly atMs: number;
}

export interface MessagesAnswer {
  /** Older ones than the first may be gone. */
  readonly messages: readonly NumberedMessage[];
  /** Number of the one that comes next. */
  readonly next: number;
  /** The job has ended: nothing more will be said. */
  readonly isLast: boolean;
}

/** `Map (1/2): too late`. */
export const messageLine = ({ source, text }: Pick<JobMessage, 'source' | 'text'>): string =>
  source === '' ? text : `${source}: ${text}`;
