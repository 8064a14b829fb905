// A Parley with its demo workspace on a data folder of its own, with Vite in front of it: the app as it stands in the
// working tree, without a build. One feature that does not compile leaves the others standing.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createProbe } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer, type ViteDevServer } from 'vite';

export interface Demo {
  readonly url: string;
  readonly email: string;
  readonly password: string;
  stop(): Promise<void>;
}

const email = 'owner@parley.local';
const password = 'a password for looking around';
const patienceMs = 120_000;
const webFolder = fileURLToPath(new URL('..', import.meta.url));

/** @param built without Vite: the app as scripts/build-web.mjs made it. */
export async function startDemo({ built = false }: { built?: boolean } = {}): Promise<Demo> {
  const data = await mkdtemp(join(tmpdir(), 'parley-look-'));
  const [serverPort, webPort] = [await freePort(), await freePort()];
  const url = `http://localhost:${built ? serverPort : webPort}`;
  const child = spawn(process.execPath, ['server/src/main.ts', '--no-supervise'], {
    cwd: join(webFolder, '..'),
    env: {
      ...process.env,
      PARLEY_DATA: data,
      PARLEY_DEMO: 'true',
      PARLEY_OWNER_EMAIL: email,
      PARLEY_OWNER_PASSWORD: password,
      DATABASE_URL: '',
      REDIS_URL: '',
      HOST: '127.0.0.1',
      PORT: String(serverPort),
      // The page comes from Vite's port, and may act for the member who is signed in.
      CORS_ORIGINS: url,
      RATE_LIMIT_PER_MINUTE: '100000',
    },
    // Over the fourth the server notices that we are gone, however we went, and ends too.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let vite: ViteDevServer | undefined;
  const stop = async () => {
    await vite?.close();
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await rm(data, { recursive: true, force: true });
  };
  try {
    const inFront = built ? undefined : startVite(webPort, serverPort, data);
    [vite] = await Promise.all([inFront, untilUp(child)]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, email, password, stop };
}

async function startVite(port: number, serverPort: number, data: string): Promise<ViteDevServer> {
  process.env.PARLEY_DEV_SERVER = `http://127.0.0.1:${serverPort}`;
  const vite = await createServer({
    configFile: join(webFolder, 'vite.config.ts'),
    root: webFolder,
    // Several may look at the same time.
    cacheDir: join(data, 'vite'),
    server: { port, strictPort: true, hmr: false },
    logLevel: 'error',
  });
  return vite.listen();
}

async function untilUp(child: ChildProcess): Promise<void> {
  let said = '';
  const deadline = AbortSignal.timeout(patienceMs);
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the server ended:\n${said}`);
  });
  const up = new Promise<void>((resolve, reject) => {
    deadline.addEventListener('abort', () => reject(new Error(`the server did not start in time:\n${said}`)));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        said += chunk;
        if (/Parley is up/.test(said)) resolve();
      });
    }
  });
  await Promise.race([up, ended]);
  ended.catch(() => undefined);
}

async function freePort(): Promise<number> {
  const probe = createProbe().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address !== 'object' || !address) throw new Error('no free port');
  return address.port;
}
