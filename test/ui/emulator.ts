// A real terminal emulator as an oracle: what it shows after some bytes, text and styles of every cell.

import xterm from '@xterm/headless';

export class Emulator {
  readonly #terminal: InstanceType<typeof xterm.Terminal>;

  constructor(cols: number, rows: number) {
    this.#terminal = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 0 });
  }

  write(bytes: string): Promise<void> {
    return new Promise((resolve) => this.#terminal.write(bytes, resolve));
  }

  resize(cols: number, rows: number): void {
    this.#terminal.resize(cols, rows);
  }

  rows(): readonly string[] {
    const { active } = this.#terminal.buffer;
    return Array.from(
      { length: this.#terminal.rows },
      (_, y) => active.getLine(active.baseY + y)?.translateToString(true) ?? '',
    );
  }

  text(): string {
    return this.rows().join('\n');
  }

  /** Every cell with its colours and attributes, to compare two screens. */
  cells(): readonly string[] {
    const { active } = this.#terminal.buffer;
    return Array.from({ length: this.#terminal.rows }, (_, y) => {
      const line = active.getLine(active.baseY + y);
      return Array.from({ length: this.#terminal.cols }, (__, x) => {
        const cell = line?.getCell(x);
        if (cell === undefined) return '';
        const text = cell.getChars() === '' && cell.getWidth() === 1 ? ' ' : cell.getChars();
        const colors = `${cell.getFgColorMode()}/${cell.getFgColor()}/${cell.getBgColor()}`;
        const attributes = [cell.isBold(), cell.isDim(), cell.isInverse(), cell.isUnderline()];
        return `${text}${colors}${attributes.map(Number).join('')}`;
      }).join('|');
    });
  }

  cursor(): { readonly x: number; readonly y: number } {
    const { cursorX, cursorY } = this.#terminal.buffer.active;
    return { x: cursorX, y: cursorY };
  }
}
