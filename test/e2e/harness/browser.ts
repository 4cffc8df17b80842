// A real Chromium without a window, spoken to in its own DevTools protocol: one page, what it shows, and every
// error that its console would show.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHROMIUM } from './flink/needs.ts';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--window-size=1400,900',
  '--remote-debugging-port=0',
];
const WAIT_MS = 20_000;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export class Browser {
  /** What went wrong on the page: exceptions, console errors, answers that are none. */
  readonly errors: string[] = [];
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #answers = new Map<number, PromiseWithResolvers<unknown>>();
  #socket: WebSocket | undefined;
  #session: string | undefined;
  #sent = 0;

  static async open(): Promise<Browser> {
    const browser = new Browser();
    try {
      await browser.#connect();
    } catch (error) {
      await browser.close();
      throw error;
    }
    return browser;
  }

  private constructor() {
    this.#profile = mkdtempSync(join(tmpdir(), 'sluice-browser-'));
    this.#process = spawn(CHROMIUM, [...FLAGS, `--user-data-dir=${this.#profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    process.once('exit', this.#kill);
  }

  async show(url: string): Promise<void> {
    await this.#ask('Page.navigate', { url });
  }

  /** The value of an expression on the page. */
  async evaluate(expression: string): Promise<unknown> {
    const answer = await this.#ask('Runtime.evaluate', { expression, returnByValue: true });
    return (answer as { readonly result: { readonly value?: unknown } }).result.value;
  }

  /** The page's text as soon as it matches. */
  async waitFor(pattern: RegExp): Promise<string> {
    return this.until(
      async () => String(await this.evaluate('document.body.innerText')).replaceAll('\u00a0', ' '),
      (text) => pattern.test(text),
      String(pattern),
    );
  }

  /** Clicks the first element that has this text and nothing else. */
  async click(text: string): Promise<void> {
    const find = `[...document.querySelectorAll('a, button, li, span, div')].findLast((one) => one.textContent.trim() === ${JSON.stringify(text)})`;
    await this.until(
      () => this.evaluate(`((one) => { one?.click(); return one !== undefined; })(${find})`),
      (found) => found === true,
      `element "${text}"`,
    );
  }

  async until<T>(
    look: () => Promise<T>,
    isWanted: (value: T) => boolean,
    what: string,
  ): Promise<T> {
    const deadline = performance.now() + WAIT_MS;
    for (;;) {
      const value = await look();
      if (isWanted(value)) return value;
      if (performance.now() > deadline) throw new Error(`no ${what} on this page:\n${value}`);
      await sleep(100);
    }
  }

  async screenshot(path: string): Promise<void> {
    const answer = await this.#ask('Page.captureScreenshot', {});
    writeFileSync(path, Buffer.from((answer as { readonly data: string }).data, 'base64'));
  }

  async close(): Promise<void> {
    process.off('exit', this.#kill);
    this.#socket?.close();
    const ended = new Promise((resolve) => this.#process.once('close', resolve));
    this.#kill();
    if (this.#process.exitCode === null) await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  async #connect(): Promise<void> {
    const socket = new WebSocket(await this.#address());
    this.#socket = socket;
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', reject);
    });
    socket.addEventListener('message', ({ data }) => this.#onMessage(JSON.parse(String(data))));
    const { targetId } = (await this.#ask('Target.createTarget', { url: 'about:blank' })) as {
      readonly targetId: string;
    };
    const { sessionId } = (await this.#ask('Target.attachToTarget', {
      targetId,
      flatten: true,
    })) as { readonly sessionId: string };
    this.#session = sessionId;
    for (const domain of ['Page', 'Runtime', 'Log']) await this.#ask(`${domain}.enable`, {});
  }

  /** As it tells on stderr once it listens. */
  #address(): Promise<string> {
    return new Promise((resolve, reject) => {
      let said = '';
      this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const address = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
        if (address !== undefined) resolve(address);
      });
      this.#process.once('error', reject);
      this.#process.once('exit', () => reject(new Error(`the browser ended:\n${said}`)));
    });
  }

  #ask(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#sent;
    const answer = Promise.withResolvers<unknown>();
    this.#answers.set(id, answer);
    this.#socket?.send(JSON.stringify({ id, method, params, sessionId: this.#session }));
    return answer.promise;
  }

  #onMessage({ id, method, params, result, error }: Message): void {
    if (id === undefined) return this.#onEvent(method ?? '', params);
    const answer = this.#answers.get(id);
    this.#answers.delete(id);
    if (error === undefined) answer?.resolve(result);
    else answer?.reject(new Error(error.message));
  }

  #onEvent(method: string, params: unknown): void {
    const isError =
      method === 'Runtime.exceptionThrown' ||
      (method === 'Runtime.consoleAPICalled' && (params as Called).type === 'error') ||
      (method === 'Log.entryAdded' && (params as Logged).entry.level === 'error');
    if (isError) this.errors.push(JSON.stringify(params).slice(0, 500));
  }

  readonly #kill = (): void => {
    try {
      if (this.#process.pid !== undefined) process.kill(-this.#process.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
}

interface Called {
  readonly type: string;
}

interface Logged {
  readonly entry: { readonly level: string };
}
