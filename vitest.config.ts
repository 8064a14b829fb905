// Three projects: `unit` and `components` (React in jsdom) run everywhere, `browser` only where a Chromium is installed,
// and tests of ONNX models where their package is.
// The database that they run on is chosen by TEST_DATABASE_URL and TEST_REDIS_URL (server/test/database.ts).
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { findChromium } from './scripts/chromium.ts';
import { testsWithoutDatabase } from './scripts/without-database.ts';

const BROWSER_TESTS = '**/*.browser.test.ts';
const ONNX_TESTS = '**/*.onnx.test.ts';
const chromium = findChromium();

if (chromium === null && process.env.PARLEY_REQUIRE_BROWSER === '1') {
  throw new Error('PARLEY_REQUIRE_BROWSER=1, and no Chromium was found on the PATH or in CHROMIUM_PATH');
}
if (chromium === null)
  console.log('Browser tests are left out: no Chromium on the PATH or in CHROMIUM_PATH.');

// What npm writes last: where it was cut off, some of the packages are there.
const hasOnnx = existsSync(new URL('server/onnx/node_modules/.package-lock.json', import.meta.url));
if (!hasOnnx && process.env.PARLEY_REQUIRE_ONNX === '1') {
  throw new Error('PARLEY_REQUIRE_ONNX=1, and nothing is installed in server/onnx');
}
if (!hasOnnx)
  console.log('Tests of ONNX models are left out. They need: npm ci --prefix server/onnx --ignore-scripts');

// What no database takes part in runs on the embedded one only, which every check begins with. Nor does what a page looks
// like depend on it.
const isServed = process.env.TEST_DATABASE_URL !== undefined;
const UNIT_TESTS = '{contract,server,bench,evals,scripts,web,deploy}/**/*.test.ts';
const withoutDatabase = isServed
  ? [
      'web/test/flows/accessibility.browser.test.ts',
      ...testsWithoutDatabase(import.meta.dirname, [UNIT_TESTS]),
    ]
  : [];
if (isServed) console.log('Tests that need no database are left out: they run without TEST_DATABASE_URL.');

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
    // In CI server, database, browser and tests share two cores, and a test may run out of patience once. A broken promise
    // breaks twice; what needed the second try is named at the end.
    retry: process.env.CI ? 1 : 0,
    // Four times what a calm machine needs: a promise is not about time.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [UNIT_TESTS],
          exclude: [
            BROWSER_TESTS,
            '**/node_modules/**',
            ...withoutDatabase,
            ...(hasOnnx ? [] : [ONNX_TESTS]),
          ],
          globalSetup: ['server/test/global-setup.ts'],
        },
      },
      ...(isServed
        ? []
        : [
            {
              extends: true as const,
              test: {
                name: 'components',
                include: ['web/**/*.test.tsx'],
                exclude: ['**/node_modules/**'],
                environment: 'jsdom',
                setupFiles: ['web/test/set-up.ts'],
                // A document each: what one file renders is no business of the next.
                isolate: true,
              },
            },
          ]),
      ...(chromium === null
        ? []
        : [
            {
              extends: true as const,
              test: {
                name: 'browser',
                include: [`{server,web}/${BROWSER_TESTS}`],
                exclude: ['**/node_modules/**', ...withoutDatabase],
                globalSetup: ['server/test/global-setup.ts', 'web/test/flows/build.ts'],
                env: { CHROMIUM_PATH: chromium },
              },
            },
          ]),
    ],
  },
});
