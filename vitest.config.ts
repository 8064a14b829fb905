// Two projects: `unit` runs everywhere, `browser` only where a Chromium is installed. The database that they run on is
// chosen by TEST_DATABASE_URL and TEST_REDIS_URL (server/test/database.ts).
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { findChromium } from './scripts/chromium.ts';

const BROWSER_TESTS = '**/*.browser.test.ts';
const chromium = findChromium();

if (chromium === null && process.env.PARLEY_REQUIRE_BROWSER === '1') {
  throw new Error('PARLEY_REQUIRE_BROWSER=1, and no Chromium was found on the PATH or in CHROMIUM_PATH');
}
if (chromium === null)
  console.log('Browser tests are left out: no Chromium on the PATH or in CHROMIUM_PATH.');

// Names this run's databases. Set here, so that the global setup and every worker know the same one.
process.env.PARLEY_TEST_RUN ??= String(process.pid);

export default defineConfig({
  test: {
    reporters: ['default', './scripts/count-reporter.ts'],
    // Every worker may hold an embedded database of 300 MB.
    maxWorkers: Math.max(2, Math.floor(availableParallelism() / 2)),
    // Processes, so that a test may end one; shared by files, so that modules load once (half the time).
    pool: 'forks',
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{contract,server,bench,evals,scripts,web,deploy}/**/*.test.ts'],
          exclude: [BROWSER_TESTS, '**/node_modules/**'],
          globalSetup: ['server/test/global-setup.ts'],
        },
      },
      ...(chromium === null
        ? []
        : [
            {
              extends: true as const,
              test: {
                name: 'browser',
                include: [`{server,web}/${BROWSER_TESTS}`],
                exclude: ['**/node_modules/**'],
                globalSetup: ['server/test/global-setup.ts'],
                env: { CHROMIUM_PATH: chromium },
              },
            },
          ]),
    ],
  },
});
