// The verbs: what each is for, its flags, and where its code is. Each is loaded when it is asked for; help
// and the errors of the command line come from the same table.

import type { Flags, ParsedArguments } from './args.ts';

export interface Verb {
  readonly usage: string;
  readonly about: string;
  load(): Promise<{
    readonly flags: Flags;
    readonly carryOut: (args: ParsedArguments) => number | Promise<number>;
  }>;
}

/** What `sluice` alone and `sluice notebook.ts` do. */
export const OPEN: Verb = {
  usage: 'sluice [notebook.ts]',
  about: 'Open the notebook: the screen; without a terminal, as run.',
  async load() {
    const { open, OPEN_FLAGS } = await import('./commands/open.ts');
    return { flags: OPEN_FLAGS, carryOut: open };
  },
};

export const VERBS: Readonly<Record<string, Verb>> = {
  run: {
    usage: 'sluice run notebook.ts',
    about: 'Run its jobs: rows on stdout, talk and summary on stderr.',
    async load() {
      const { run, RUN_FLAGS } = await import('./commands/run.ts');
      return { flags: RUN_FLAGS, carryOut: run };
    },
  },
  info: {
    usage: 'sluice info notebook.ts',
    about: 'The plan of its jobs; no cluster is needed.',
    async load() {
      const { info, INFO_FLAGS } = await import('./commands/info.ts');
      return { flags: INFO_FLAGS, carryOut: info };
    },
  },
  check: {
    usage: 'sluice check notebook.ts',
    about: 'Say what is wrong with it, types included; nothing runs.',
    async load() {
      const { check, CHECK_FLAGS } = await import('./commands/check.ts');
      return { flags: CHECK_FLAGS, carryOut: check };
    },
  },
  demo: {
    usage: 'sluice demo',
    about: 'Open the demo: five days of real flights.',
    async load() {
      const { demo, OPEN_FLAGS } = await import('./commands/open.ts');
      return { flags: OPEN_FLAGS, carryOut: demo };
    },
  },
  init: {
    usage: 'sluice init',
    about: 'Prepare this folder for an editor: package.json, tsconfig.json, notebook.ts.',
    async load() {
      const { init, INIT_FLAGS } = await import('./commands/init.ts');
      return { flags: INIT_FLAGS, carryOut: init };
    },
  },
  cluster: {
    usage: 'sluice cluster',
    about: 'Start a cluster that goes on by itself, with a REST endpoint.',
    async load() {
      const { cluster, CLUSTER_FLAGS } = await import('./commands/cluster.ts');
      return { flags: CLUSTER_FLAGS, carryOut: cluster };
    },
  },
  attach: {
    usage: 'sluice attach HOST:PORT',
    about: 'The screen on a cluster that is up: sluice or Apache Flink.',
    async load() {
      const { attach, ATTACH_FLAGS } = await import('./commands/attach.ts');
      return { flags: ATTACH_FLAGS, carryOut: attach };
    },
  },
  list: {
    usage: 'sluice list',
    about: 'The jobs of a cluster.',
    async load() {
      const { list, LIST_FLAGS } = await import('./commands/list.ts');
      return { flags: LIST_FLAGS, carryOut: list };
    },
  },
  cancel: {
    usage: 'sluice cancel ID',
    about: 'Cancel a job.',
    async load() {
      const { cancel, CANCEL_FLAGS } = await import('./commands/job.ts');
      return { flags: CANCEL_FLAGS, carryOut: cancel };
    },
  },
  checkpoint: {
    usage: 'sluice checkpoint ID',
    about: 'Take a checkpoint of a job.',
    async load() {
      const { checkpoint, CHECKPOINT_FLAGS } = await import('./commands/job.ts');
      return { flags: CHECKPOINT_FLAGS, carryOut: checkpoint };
    },
  },
  savepoint: {
    usage: 'sluice savepoint ID [DIR]',
    about: 'Take a savepoint of a job, or remove one with --dispose.',
    async load() {
      const { savepoint, SAVEPOINT_FLAGS } = await import('./commands/savepoint.ts');
      return { flags: SAVEPOINT_FLAGS, carryOut: savepoint };
    },
  },
  stop: {
    usage: 'sluice stop ID',
    about: 'Stop a job with a savepoint, from which it can go on.',
    async load() {
      const { stop, STOP_FLAGS } = await import('./commands/savepoint.ts');
      return { flags: STOP_FLAGS, carryOut: stop };
    },
  },
  context: {
    usage: 'sluice context add|use|list|show|remove',
    about: 'Name clusters, with how to get in, and choose one.',
    async load() {
      const { context, CONTEXT_FLAGS } = await import('./commands/context.ts');
      return { flags: CONTEXT_FLAGS, carryOut: context };
    },
  },
  completion: {
    usage: 'sluice completion bash|zsh|fish',
    about: 'Prints what lets your shell complete verbs, flags, job ids and contexts.',
    async load() {
      const { completion, COMPLETION_FLAGS } = await import('./commands/completion.ts');
      return { flags: COMPLETION_FLAGS, carryOut: completion };
    },
  },
};
