// Parley as a person runs it: processes of their own, on a data folder of their own, asked over HTTP and by the command
// line.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyTemplate, testRedisUrl } from './database.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const commandLine = fileURLToPath(new URL('../src/cli/parley.ts', import.meta.url));
/** Longer than a start on a busy machine takes. */
const startPatienceMs = 150_000;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningServer {
  readonly process: ChildProcess;
  readonly url: string;
  /** What it has said so far, on both streams. */
  said(): string;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

export interface Installation {
  /** The data folder. */
  readonly folder: string;
  readonly databaseUrl: string | undefined;
  /** Starts a server and waits until it says where it is. */
  start(environment?: Record<string, string>, parameters?: readonly string[]): Promise<RunningServer>;
  /** Starts a server that is expected to end by itself. */
  startInVain(environment?: Record<string, string>, parameters?: readonly string[]): Promise<Ended>;
  /** Runs a command of the command line. */
  parley(...parameters: string[]): Promise<Ended>;
  /** Ends what still runs and removes everything. */
  remove(): Promise<void>;
}

/** @param own settings of every process of this installation. */
export async function createInstallation(own: Record<string, string> = {}): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-installation-'));
  const copy = await copyTemplate((error) => {
    throw error;
  });
  const children = new Set<ChildProcess>();
  const environment = {
    PATH: process.env.PATH ?? '',
    PARLEY_DATA: folder,
    HOST: '127.0.0.1',
    PORT: '0',
    PARLEY_DEMO: 'true',
    ...(copy.url ? { DATABASE_URL: copy.url } : {}),
    ...(copy.url && testRedisUrl ? { REDIS_URL: testRedisUrl } : {}),
    ...own,
  };

  const launch = (script: string, parameters: readonly string[], more: Record<string, string>) => {
    const child = spawn(process.execPath, [script, ...parameters], {
      cwd: folder,
      env: { ...environment, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    const text = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (chunk: string) => {
        text[stream] += chunk;
        child.emit('said');
      });
    }
    const ended = once(child, 'close').then(([code]): Ended => {
      children.delete(child);
      return { code: code as number | null, ...text };
    });
    return { child, text, ended };
  };

  return {
    folder,
    databaseUrl: copy.url,
    start: async (more = {}, parameters = []) => {
      const { child, text, ended } = launch(main, parameters, more);
      const deadline = AbortSignal.timeout(startPatienceMs);
      let url: string | undefined;
      while (!url) {
        url = /Parley is up at (\S+)/.exec(text.stdout)?.[1];
        if (url && text.stdout.includes('Ctrl-C')) break;
        url = undefined;
        const said = once(child, 'said', { signal: deadline }).catch(() => {
          throw new Error(`the server did not start in time:\n${text.stdout}${text.stderr}`);
        });
        const over = await Promise.race([said.then(() => null), ended]);
        if (over) throw new Error(`the server ended with ${over.code}:\n${over.stdout}${over.stderr}`);
      }
      return {
        process: child,
        url,
        said: () => text.stdout + text.stderr,
        stop: async (signal = 'SIGTERM') => {
          child.kill(signal);
          return ended;
        },
      };
    },
    startInVain: (more = {}, parameters = []) => launch(main, parameters, more).ended,
    parley: (...parameters) => launch(commandLine, parameters, {}).ended,
    remove: async () => {
      const last = [...children].map((child) => {
        child.kill('SIGKILL');
        return once(child, 'close');
      });
      await Promise.all(last);
      await copy.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
