// A child process lives as long as its standard input: the parent keeps it open and never writes after the
// settings, so that its end is the parent's end, however that came. The settings are one line of JSON, since
// secrets belong neither into arguments nor into the environment.

import type { ChildProcess } from 'node:child_process';

export function sendSettings(child: ChildProcess, settings: unknown): void {
  child.stdin?.on('error', () => undefined); // the child is gone: its exit tells
  child.stdin?.write(`${JSON.stringify(settings)}\n`);
}

/** In the child: resolves with the settings; `onEnd` is called when the parent is gone. */
export function receiveSettings<T>(onEnd: () => void): Promise<T> {
  return new Promise((resolve) => {
    let text = '';
    process.stdin.setEncoding('utf8');
    process.stdin.on('data', (chunk: string) => {
      const isNews = !text.includes('\n');
      text += chunk;
      if (isNews && text.includes('\n'))
        resolve(JSON.parse(text.slice(0, text.indexOf('\n'))) as T);
    });
    process.stdin.on('end', onEnd);
    process.stdin.on('close', onEnd);
  });
}
