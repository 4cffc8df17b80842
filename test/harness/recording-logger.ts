// A logger that keeps its lines: `warn message`.

import type { Logger, LogLevel } from '../../engine/core/logger.ts';

export class RecordingLogger implements Logger {
  readonly lines: string[] = [];

  log(level: LogLevel, message: string): void {
    this.lines.push(`${level} ${message}`);
  }

  named(): Logger {
    return this;
  }
}
