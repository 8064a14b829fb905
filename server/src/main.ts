// The process that is started: `node server/src/main.ts [--role=all|api|worker] [--no-supervise]`. The role `all` runs
// under a supervisor; what it supervises is this same file, which then loads the server.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { prepareLoading } from './core/loading.ts';
import { defaultSupervision, exitConfig, sendHeartbeats, supervise, tellUp } from './supervisor.ts';
import { watchEventLoop } from './watchdog.ts';

const usage = `npm start -- [--role=all|api|worker] [--no-supervise]

  --role          api serves HTTP, worker runs jobs, all does both (PARLEY_ROLE)
  --no-supervise  do not start again after a crash: something else does (PARLEY_SUPERVISE=false)

Settings come from the environment, or from a file named .env; .env.example names them all.
`;

interface Options {
  readonly role: string | undefined;
  readonly supervised: boolean;
}

function readOptions(parameters: string[]): Options | number {
  try {
    const { values } = parseArgs({
      args: parameters,
      options: {
        role: { type: 'string' },
        'no-supervise': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(usage);
      return 0;
    }
    return { role: values.role, supervised: !values['no-supervise'] };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : 'wrong options'}\n\n${usage}`);
    return 2;
  }
}

function readEnvironmentFile(): void {
  try {
    process.loadEnvFile('.env');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/**
 * The C library gives freed memory back instead of keeping it for later (mallopt(3); other libraries than glibc ignore
 * it), and this file is read from the cache of compiled code, which saves loading the compiler.
 */
const leanEnvironment = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
  // Where Node keeps it by itself.
  NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
};

const options = readOptions(process.argv.slice(2));
if (typeof options === 'number') process.exit(options);
readEnvironmentFile();

const role = options.role ?? (process.env.PARLEY_ROLE || 'all');
const wanted = !/^(false|0|no)$/.test(process.env.PARLEY_SUPERVISE ?? '');
// `node --watch` starts the process again itself, and sees the files of its direct child only.
const watched = process.env.WATCH_REPORT_DEPENDENCIES !== undefined;

if (options.supervised && wanted && !watched && role === 'all') {
  const code = await supervise({
    ...defaultSupervision,
    script: fileURLToPath(import.meta.url),
    arguments: [`--role=${role}`, '--no-supervise'],
    // The embedded database lives in this process too: a small young generation keeps 150 MB of garbage from staying.
    nodeOptions: process.env.DATABASE_URL ? [] : ['--max-semi-space-size=4'],
    environment: { ...leanEnvironment, ...process.env },
    say: (sentence) => process.stderr.write(`${sentence}\n`),
  });
  process.exit(code);
}

if (process.send) sendHeartbeats();
else watchEventLoop();
prepareLoading();
const { serve } = await import('./cli/serve.ts');
await serve({ environment: { ...process.env, PARLEY_ROLE: role }, finalExitCode: exitConfig });
tellUp();
