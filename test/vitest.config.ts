import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig({
  root,
  resolve: { alias: { sluice: `${root}engine/index.ts` } },
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    globalSetup: [`${root}test/global-setup.ts`],
    setupFiles: [`${root}test/random-input.ts`],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 2,
    typecheck: {
      enabled: true,
      include: ['test/api/types/*.test-d.ts'],
      tsconfig: `${root}tsconfig.json`,
    },
  },
});
