// A jar as browsers and Flink's clients upload it: the one file of a form.

import { randomBytes } from 'node:crypto';

interface Form {
  readonly type: string;
  readonly body: Uint8Array;
}

/** @param name Without a folder. What a form could trip over in it is left out. */
export function jarForm(name: string, content: Uint8Array): Form {
  const boundary = `sluice-${randomBytes(16).toString('hex')}`;
  const head = [
    `--${boundary}`,
    `Content-Disposition: form-data; name="jarfile"; filename="${name.replace(/[^\w.-]/g, '_')}"`,
    'Content-Type: application/x-java-archive',
    '',
    '',
  ].join('\r\n');
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([Buffer.from(head), content, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}
