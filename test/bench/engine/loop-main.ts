// A process that runs one loop: `loop-main.ts JOB RECORDS`. Prints what it took as JSON.

import { loops } from './loops.ts';

const [name = '', records] = process.argv.slice(2);
const loop = new Map<string, (records: number) => number>(Object.entries(loops)).get(name);
if (loop === undefined) throw new Error(`no loop is called ${name}`);

const began = performance.now();
const cpuBefore = process.cpuUsage();
const rows = loop(Number(records));
const seconds = (performance.now() - began) / 1_000;
const { user, system } = process.cpuUsage(cpuBefore);
process.stdout.write(`${JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, rows })}\n`);
