// Opens the screen: takes the terminal, shows the store, turns keys into commands, and gives the terminal
// back whatever happens. Ink draws structure into a layer of the compositor; data goes past it. Nothing is
// waited for: the first frame shows an empty store.

import { type Instance, render } from 'ink';
import type { Clock, Timer } from '../../engine/core/clock.ts';
import type { Command, Effect } from './commands.ts';
import { App } from './components/App.tsx';
import { ScreenContext, type ScreenShared } from './components/screen-context.ts';
import { layoutOf } from './layout.ts';
import { Pulse } from './pulse.ts';
import { type Result, showPage } from './state/actions.ts';
import { onKey, onMouse, onPaste, onResize } from './state/reducer.ts';
import type { Context } from './state/selection.ts';
import { initialUi, type UiState } from './state/ui-state.ts';
import { type ScreenStore, Store } from './store.ts';
import { askBackground } from './terminal/background.ts';
import {
  type Capabilities,
  type CapabilityFlags,
  detectCapabilities,
  type Environment,
} from './terminal/capabilities.ts';
import { Compositor } from './terminal/compositor.ts';
import { InkLayer } from './terminal/ink-layer.ts';
import { StdinTee, type TerminalInput } from './terminal/stdin-tee.ts';
import {
  type ProcessEvents,
  type RawInput,
  Terminal,
  type TerminalOutput,
} from './terminal/terminal.ts';
import { createLook, type Look } from './text/look.ts';
import type { ThemeName } from './text/theme.ts';

export interface ScreenOptions {
  readonly store: ScreenStore;
  /**
   * Carries a command out; neither throws nor rejects. For `open-editor` the terminal is free until what it
   * returns has settled.
   */
  readonly dispatch: (command: Command) => void | Promise<void>;
  readonly stdin: TerminalInput & RawInput;
  readonly stdout: TerminalOutput;
  readonly clock: Clock;
  readonly process: ProcessEvents;
  readonly env: Environment;
  /** What is shown first. */
  readonly page?: 'notebook' | 'jobs';
  readonly flags?: CapabilityFlags & { readonly mouse?: boolean };
}

/** Why the screen has ended. After a signal the caller ends the process, with 128 + its number. */
export type ScreenEnd =
  | { readonly reason: 'quit' | 'closed' }
  | { readonly reason: 'signal'; readonly signal: 'SIGTERM' | 'SIGHUP' | 'SIGINT' };

export interface Screen {
  /** Rejects when the screen itself fails; the terminal is put back before. */
  readonly done: Promise<ScreenEnd>;
  close(): void;
  /** What it has cost so far, for budgets. */
  readonly counters: { readonly frames: number; readonly bytes: number; readonly commits: number };
}

export function openScreen(options: ScreenOptions): Screen {
  return new OpenScreen(options);
}

const RESIZE_MS = 8;
const SIZE = { columns: 80, rows: 24 };

class OpenScreen implements Screen {
  readonly done: Promise<ScreenEnd>;
  readonly #options: ScreenOptions;
  readonly #capabilities: Capabilities;
  readonly #ui: Store<UiState>;
  readonly #looks: Store<{ readonly look: Look }>;
  readonly #pulse: Pulse;
  readonly #compositor: Compositor;
  readonly #layer: InkLayer;
  readonly #tee: StdinTee;
  readonly #terminal: Terminal;
  readonly #ink: Instance;
  readonly #settle: PromiseWithResolvers<ScreenEnd>;
  #question: Disposable | undefined;
  #resizing: Timer | undefined;
  #log: string | undefined;
  #isClosed = false;

  constructor(options: ScreenOptions) {
    const { stdin, stdout, store, clock, process, flags = {} } = options;
    const { columns, rows } = sizeOf(stdout);
    const hasMouse = flags.mouse !== false;
    this.#options = options;
    this.#capabilities = detectCapabilities(options.env, flags);
    const { depth, theme, glyphs } = this.#capabilities;
    const ui = initialUi(columns, rows, hasMouse);
    this.#ui = new Store(options.page === undefined ? ui : showPage(ui, options.page).ui);
    this.#looks = new Store({ look: createLook(theme, glyphs) });
    const write = (text: string): boolean => stdout.write(text);
    this.#compositor = new Compositor({ width: columns, height: rows, depth, clock, write });
    this.#layer = new InkLayer(this.#compositor);
    this.#tee = new StdinTee(stdin, clock);
    this.#pulse = new Pulse(store, clock, () => this.#compositor.invalidate());
    this.#settle = Promise.withResolvers<ScreenEnd>();
    this.done = this.#settle.promise;
    this.#terminal = new Terminal({
      stdin,
      stdout,
      clock,
      process,
      mouse: hasMouse,
      onEnd: (signal) => this.#end({ reason: 'signal', signal }),
      onInterrupt: () => this.#press('ctrl+c'),
      onSuspend: () => this.#rest(),
      onResume: () => this.#wake(),
    });
    this.#terminal.open();
    this.#listen();
    this.#ink = this.#renderInk();
    if (this.#capabilities.isThemeGuessed) this.#askTheme();
  }

  get counters(): Screen['counters'] {
    const { frames, bytes } = this.#compositor;
    return { frames, bytes, commits: this.#layer.commits };
  }

  close(): void {
    this.#end({ reason: 'closed' });
  }

  #renderInk(): Instance {
    const shared: ScreenShared = {
      compositor: this.#compositor,
      ui: this.#ui,
      looks: this.#looks,
      context: () => this.#context(),
      onKeys: (names) => {
        for (const name of names) this.#press(name);
      },
      onPaste: (text) => this.#apply(onPaste(this.#context(), text)),
    };
    const ink = render(
      <ScreenContext value={shared}>
        <App />
      </ScreenContext>,
      {
        // Both are what Ink needs of a terminal's streams, and no more.
        stdout: this.#layer as unknown as NodeJS.WriteStream,
        stdin: this.#tee as unknown as NodeJS.ReadStream,
        // Each commit comes as one whole frame, without Ink's own throttling.
        debug: true,
        interactive: true,
        // Who asks for that gets plain lines instead of a screen.
        isScreenReaderEnabled: false,
        exitOnCtrlC: false,
        patchConsole: false,
      },
    );
    ink.waitUntilExit().then(
      () => this.#end({ reason: 'closed' }),
      (error: unknown) => this.#fail(error),
    );
    return ink;
  }

  readonly #onResize = (): void => {
    this.#resizing ??= this.#options.clock.after(RESIZE_MS, () => this.#resize());
  };
  readonly #onDrain = (): void => this.#compositor.drained();
  readonly #onGone = (): void => this.#end({ reason: 'signal', signal: 'SIGHUP' });

  #listen(): void {
    const { stdin, stdout } = this.#options;
    const { events } = this.#tee;
    events.on('mouse', (event) => this.#apply(onMouse(this.#context(), event)));
    events.on('focus', (isFocused) => this.#pulse.setFocused(isFocused));
    events.on('function', (name) => this.#press(name));
    stdout.on('resize', this.#onResize);
    stdout.on('drain', this.#onDrain);
    // A terminal that closes under us: without a listener its error would end the process unclean. These
    // stay, for an error may come after the end.
    stdout.on('error', this.#onGone);
    stdin.on('error', this.#onGone);
    stdin.on('end', this.#onGone);
    this.#tee.start();
  }

  #context(): Context {
    return {
      ui: this.#ui.value,
      model: this.#pulse.model,
      nowMs: this.#pulse.nowMs,
      glyphs: this.#looks.value.look.glyphs,
    };
  }

  #press(name: string): void {
    if (this.#isClosed) return;
    this.#apply(onKey({ ...this.#context(), nowMs: this.#options.clock.now() }, name));
  }

  #apply({ ui, out }: Result): void {
    this.#ui.set(ui);
    this.#compositor.invalidate();
    this.#followLog(ui);
    for (const one of out) this.#carryOut(one);
  }

  /** A log is read only while it can be seen. */
  #followLog(ui: UiState): void {
    const isSeen = layoutOf(ui).areas.some(({ active }) => active === 'logs');
    const wanted = isSeen ? (ui.log ?? 'jobmanager') : undefined;
    if (wanted === this.#log) return;
    this.#log = wanted;
    this.#carryOut(isSeen ? { kind: 'show-log', taskManager: ui.log } : { kind: 'hide-log' });
  }

  #carryOut(one: Command | Effect): void {
    switch (one.kind) {
      case 'copy': {
        const encoded = Buffer.from(one.text).toString('base64');
        this.#options.stdout.write(`\x1b]52;c;${encoded}\x07`);
        return;
      }
      case 'stop':
        return this.#terminal.stop();
      case 'repaint':
        return this.#compositor.repaint();
      case 'mouse':
        return this.#terminal.setMouse(one.isOn);
      case 'theme':
        return this.#setTheme(one.theme);
      case 'open-editor':
        return this.#lend(one);
      case 'quit':
        void this.#options.dispatch(one);
        return this.#end({ reason: 'quit' });
      case 'run-cell':
      case 'run-all':
      case 'cancel-job':
      case 'trigger-checkpoint':
      case 'savepoint':
      case 'stop-job':
      case 'rescale':
      case 'toggle-watch':
      case 'enter-job':
      case 'leave-job':
      case 'show-page':
      case 'show-log':
      case 'hide-log':
      case 'interrupt':
        void this.#options.dispatch(one);
    }
  }

  #lend(command: Command): void {
    this.#rest();
    this.#terminal.lend();
    const takeBack = (): void => {
      if (this.#isClosed) return;
      this.#terminal.takeBack();
      this.#wake();
    };
    // Whatever became of the editor, the screen comes back; the session says what went wrong.
    const edited = new Promise((resolve) => resolve(this.#options.dispatch(command)));
    edited.then(takeBack, takeBack);
  }

  #rest(): void {
    this.#compositor.pause();
    this.#tee.stop();
  }

  #wake(): void {
    this.#tee.start();
    this.#compositor.resume();
    this.#resize();
  }

  #resize(): void {
    this.#resizing = undefined;
    const { columns, rows } = sizeOf(this.#options.stdout);
    if (columns === this.#compositor.width && rows === this.#compositor.height) return;
    this.#compositor.resize(columns, rows);
    this.#layer.resize();
    this.#apply(onResize(this.#context(), columns, rows));
  }

  #askTheme(): void {
    const { clock, stdout } = this.#options;
    this.#question = askBackground(
      this.#tee,
      clock,
      (text) => stdout.write(text),
      (background) => this.#setTheme(background),
    );
  }

  #setTheme(theme: ThemeName): void {
    const { depth, glyphs } = this.#capabilities;
    if (depth === 'mono' || theme === this.#looks.value.look.theme) return;
    this.#looks.set({ look: createLook(theme, glyphs) });
    this.#compositor.invalidate();
  }

  #end(end: ScreenEnd): void {
    if (this.#isClosed) return;
    this.#release();
    this.#settle.resolve(end);
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return;
    this.#release();
    this.#settle.reject(error);
  }

  #release(): void {
    this.#isClosed = true;
    const { stdin, stdout } = this.#options;
    this.#question?.[Symbol.dispose]();
    this.#resizing?.[Symbol.dispose]();
    this.#pulse.close();
    this.#compositor.pause();
    this.#tee.stop();
    stdout.off('resize', this.#onResize);
    stdout.off('drain', this.#onDrain);
    stdin.off('end', this.#onGone);
    this.#terminal.close();
    this.#ink.unmount();
  }
}

function sizeOf({ columns, rows }: TerminalOutput): typeof SIZE {
  return { columns: columns || SIZE.columns, rows: rows || SIZE.rows };
}
