// node test/e2e/harness/flink/fetch.ts [VERSION]…: fetches the Flink that tests start.

import { FLINK_VERSION, fetchFlink, flinkHome } from './distribution.ts';

const asked = process.argv.slice(2);
for (const version of asked.length === 0 ? [FLINK_VERSION] : asked) {
  await fetchFlink(version);
  process.stdout.write(`${flinkHome(version)}\n`);
}
