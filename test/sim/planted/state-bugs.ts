// Planted bugs of positions, state, time and rows over restarts and rescaling.

import { rows } from './needs.ts';
import type { PlantedBug } from './planted-bug.ts';

export const STATE_BUGS: readonly PlantedBug[] = [
  {
    name: 'a position that is one ahead',
    file: 'connectors/strided-reader.ts',
    find: 'this.#cursors.map(({ id, next, stride, last }) => ({ id, next, stride, last }));',
    replace:
      'this.#cursors.map(({ id, next, stride, last }) => ({ id, next: next + stride, stride, last }));',
    breaks: 'a source goes on where the checkpoint is',
  },
  {
    name: 'a position that is one behind',
    file: 'connectors/strided-reader.ts',
    find: 'this.#cursors.map(({ id, next, stride, last }) => ({ id, next, stride, last }));',
    replace:
      'this.#cursors.map(({ id, next, stride, last }) => ({ id, next: next < stride ? next : next - stride, stride, last }));',
    breaks: 'a source goes on where the checkpoint is',
  },
  {
    name: 'splits are not given again',
    file: 'runtime/jobmaster/job-master.ts',
    find: '    this.#sources.restart(ids, latest);',
    replace: '',
    breaks: 'enumerator and readers go back together',
  },
  {
    name: 'timers are lost on restore',
    file: 'state/heap/heap-timer-queue.ts',
    find: '  restore(timers: readonly StoredTimer[]): void {',
    replace: '  restore(given: readonly StoredTimer[]): void {\n    const timers = given.slice(1);',
    breaks: 'a timer fires once',
  },
  {
    name: 'a key group goes to nobody on rescale',
    file: 'state/rescaling.ts',
    find: 'keyGroup >= start && keyGroup <= end);',
    replace: 'keyGroup > start && keyGroup <= end);',
    breaks: 'each key group is on one subtask',
  },
  {
    name: 'operator state is dealt out unevenly',
    file: 'state/rescaling.ts',
    find: ': give((subtask) => all.filter((_, i) => i % parallelism === subtask));',
    replace: ': give((subtask) => all.filter((_, i) => i === subtask));',
    breaks: 'all state is given to somebody',
  },
  {
    name: 'the highest watermark on rescale',
    file: 'task/task-restore.ts',
    find: '[Math.min(...left.map(([given]) => given)), Math.min(',
    replace: '[Math.max(...left.map(([given]) => given)), Math.max(',
    breaks: 'a window is closed only if it was closed for all',
  },
  {
    name: 'watermarks do not wait for the slowest',
    file: 'task/watermark-valve.ts',
    find: '        if (this.#isBehind[i] === 0) lowest = Math.min(lowest, watermark);',
    replace: '        if (this.#isBehind[i] === 0) lowest = watermark;',
    breaks: 'the watermark is the lowest of the inputs',
  },
  {
    name: 'a watermark overtakes records',
    file: 'task/input-processor.ts',
    find: 'if (markRow !== undefined && markRow <= this.#row) {',
    replace: 'if (markRow !== undefined && markRow <= this.#row + 4) {',
    breaks: 'no record comes behind its watermark',
  },
  {
    name: 'merged sessions lose what one of them held',
    file: 'operators/windows/session-window-operator.ts',
    find: '      session.contents = this.contents.merge(session.contents, other.contents);',
    replace: '      session.contents = other.contents;',
    breaks: 'a session has all records of its windows',
  },
  {
    name: 'a joined side is cleared early',
    file: 'operators/interval-join-operator.ts',
    find: '    return timeMs + Math.max(this.#bounds[side].upperMs, 0) + 1;',
    replace: '    return timeMs + 1;',
    breaks: 'a record waits for all that may join with it',
  },
  {
    name: 'rows for the client are not in the snapshot',
    file: 'operators/collect-sink.ts',
    find: '    const rows = [...this.#rows];',
    replace: '    const rows: string[] = [];',
    breaks: 'rows that a checkpoint covers reach the client',
    needs: rows,
  },
  {
    name: 'the client is not told which rows are void',
    file: 'operators/collect-sink.ts',
    find: '      voidFrom: voidFrom(this.#starts, version),',
    replace: '      voidFrom: version === this.#version ? voidFrom(this.#starts, version) : null,',
    breaks: 'rows that are made again replace the first ones',
    needs: rows,
  },
  {
    name: 'rows count as committed when they are made',
    file: 'operators/collect-sink.ts',
    find: '      committedOffset: this.#committed,\n      rows: this.#rows.slice(from, from + rowsMax),',
    replace:
      '      committedOffset: this.#next(),\n      rows: this.#rows.slice(from, from + rowsMax),',
    breaks: 'a committed row is never withdrawn',
    needs: rows,
  },
];
