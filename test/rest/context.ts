// A RestContext of the parts that a test gives; what it does not give must not be asked for.

import { Configuration } from '../../engine/core/configuration.ts';
import { SeededRandom } from '../../engine/core/random.ts';
import type { RestContext } from '../../engine/rest/rest-context.ts';
import { UploadedBundles } from '../../engine/rest/uploaded-bundles.ts';
import { FakeClock } from '../harness/fake-clock.ts';
import { MemoryFiles } from '../harness/memory-files.ts';

export function testContext(parts: Partial<RestContext> = {}): RestContext {
  const files = new MemoryFiles();
  const random = new SeededRandom(5);
  const clock = new FakeClock();
  const given: Partial<RestContext> = {
    clock,
    random,
    files,
    configuration: new Configuration(),
    uploads: new UploadedBundles(files, random, '/uploads'),
    ...parts,
  };
  return given as RestContext;
}
