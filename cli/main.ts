// sluice: finds the verb, runs it, and exits with what it says.

import { parseArguments } from './args.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { installSignals } from './lifecycle.ts';
import { stderrTalk } from './talk.ts';
import { onOutputClosed } from './write-out.ts';

async function main(argv: readonly string[]): Promise<number> {
  const [verb = '', ...rest] = argv;
  switch (verb) {
    case 'run': {
      const { run, RUN_FLAGS } = await import('./commands/run.ts');
      return run(parseArguments('run', RUN_FLAGS, rest));
    }
    default:
      throw new CommandFailure(EXIT.usage, `sluice has no verb ${JSON.stringify(verb)}`);
  }
}

/** Whatever is still open ends with the process: a cluster of ours notices. */
function exit(code: number): void {
  process.exit(code);
}

installSignals(exit);
onOutputClosed(() => exit(EXIT.ok));
main(process.argv.slice(2)).then(exit, (error: unknown) => {
  const talk = stderrTalk();
  if (error instanceof CommandFailure) talk.error(error.message);
  else talk.error(`sluice failed: ${String((error as Error).stack ?? error)}`);
  exit(error instanceof CommandFailure ? error.code : EXIT.failed);
});
