// The standard output that Ink gets: it is asked for its size and told of resizes like a terminal, but what
// Ink draws becomes the compositor's bottom layer. In debug mode Ink writes each commit as one whole frame
// of plain rows; what else it writes are control sequences for modes that terminal.ts owns, and they end
// here.

import { Writable } from 'node:stream';
import type { Compositor } from './compositor.ts';

/** Private modes, cursor moves and erasures: never the beginning of a frame, which is text and SGR. */
const CONTROL = /^(?:\x1b\[(?:[?<=>]|\d*(?:;\d*)?[A-HJKsu])|$)/;

export class InkLayer extends Writable {
  readonly isTTY = true;
  columns: number;
  rows: number;
  readonly #compositor: Compositor;
  /** Frames that Ink has drawn since the beginning. */
  commits = 0;

  constructor(compositor: Compositor) {
    super({ decodeStrings: false });
    this.#compositor = compositor;
    this.columns = compositor.width;
    this.rows = compositor.height;
  }

  /** After the compositor's own resize. */
  resize(): void {
    this.columns = this.#compositor.width;
    this.rows = this.#compositor.height;
    this.emit('resize');
  }

  override _write(chunk: Buffer | string, _encoding: string, done: () => void): void {
    const text = String(chunk);
    if (!CONTROL.test(text)) {
      this.commits++;
      this.#compositor.setLayer(text);
    }
    done();
  }
}
