import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DataFolderInUseError, lockDataFolder } from './data-lock.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const lockFile = () => join(folder, 'lock');

/** A process that holds the lock until it is killed. */
async function holder() {
  const script = `
    const { lockDataFolder } = await import(${JSON.stringify(new URL('./data-lock.ts', import.meta.url).href)});
    await lockDataFolder(${JSON.stringify(folder)}, 'the other server');
    console.log('locked');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

test('a second process is refused with a sentence that names the first', async () => {
  const child = await holder();
  try {
    await expect(lockDataFolder(folder, 'the server')).rejects.toThrow(
      new RegExp(`in use by the other server \\(process ${child.pid}\\)`),
    );
    await expect(lockDataFolder(folder, 'the server')).rejects.toBeInstanceOf(DataFolderInUseError);
    expect((await stat(lockFile())).mode & 0o777).toBe(0o600);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

test('the lock of a killed process is taken over at once, by one of many', async () => {
  const child = await holder();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const attempts = await Promise.allSettled(
    Array.from({ length: 8 }, () => lockDataFolder(folder, 'the server')),
  );
  const taken = attempts.filter((attempt) => attempt.status === 'fulfilled');
  expect(taken).toHaveLength(1);
  expect(JSON.parse(await readFile(lockFile(), 'utf8'))).toMatchObject({ pid: process.pid });
  for (const { value } of taken) await value.release();
  await expect(stat(lockFile())).rejects.toThrow();
});

test('a pid that another process has got since is not taken for the holder', async () => {
  await writeFile(
    lockFile(),
    JSON.stringify({ pid: process.ppid, host: hostname(), began: 'another boot 1', holder: 'the server' }),
  );
  const lock = await lockDataFolder(folder, 'the server');
  await lock.release();
});

test('a lock of another host holds as long as it is touched', async () => {
  const foreign = { pid: 7, host: 'another-host', began: null, holder: 'the server' };
  await writeFile(lockFile(), JSON.stringify(foreign));
  await expect(lockDataFolder(folder, 'the server')).rejects.toThrow('process 7 on another-host');
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(lockFile(), longAgo, longAgo);
  await (await lockDataFolder(folder, 'the server')).release();
});
