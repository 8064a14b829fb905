// Starts, watches and kills the processes that are measured.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly url: string;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** Runs a script of this repository on this Node; resolves when `url` answers `path` with 200. */
export async function startScript(
  script: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>>,
  url: string,
  path = '/livez',
): Promise<Running> {
  const child = spawn(process.execPath, [script, ...parameters], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', NODE_NO_WARNINGS: '1', ...environment },
    // Standard output is for figures alone.
    stdio: ['ignore', process.env.BENCH_VERBOSE ? process.stderr : 'ignore', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const running: Running = {
    child,
    pid: child.pid ?? 0,
    url,
    kill: async (signal = 'SIGTERM') => {
      child.kill(signal);
      await exited;
    },
  };
  await answers(`${url}${path}`, () => child.exitCode === null && child.signalCode === null);
  return running;
}

/** Resolves when a GET answers 200. @throws Error when `alive` says no, or after a minute. */
export async function answers(url: string, alive: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (!alive()) throw new Error(`the process that should answer ${url} has ended`);
    const ok = await fetch(url, { signal: AbortSignal.timeout(2000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${url} did not answer within a minute`);
}

/** Resident memory in MB (millions of bytes) of a process and those that it started, from Linux, whose kB are 1024 bytes. */
export function residentMegabytes(pid: number): number {
  const kibibytes = Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return children.reduce((sum, child) => sum + residentMegabytes(child), (kibibytes * 1024) / 1e6);
}
