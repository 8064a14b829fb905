// The installation's secret: from the environment, or made once and kept in the data folder.
import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config.ts';

/** @throws Error when the file is there and holds no secret: making another one would lose the content. */
export async function readSecret(config: Pick<Config, 'PARLEY_SECRET' | 'PARLEY_DATA'>): Promise<string> {
  if (config.PARLEY_SECRET) return config.PARLEY_SECRET;
  const file = join(config.PARLEY_DATA, 'secret');
  const kept = (await readKept(file)) ?? (await make(file)) ?? (await readKept(file)) ?? '';
  if (kept.length < 32) {
    throw new Error(
      `${file} holds no secret: put the right one back, or remove the file if there is no data`,
    );
  }
  return kept;
}

async function readKept(file: string): Promise<string | null> {
  try {
    const secret = (await readFile(file, 'utf8')).trim();
    await chmod(file, 0o600);
    return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Returns null when another process was quicker. */
async function make(file: string): Promise<string | null> {
  await mkdir(join(file, '..'), { recursive: true });
  const secret = randomBytes(48).toString('base64url');
  // Written whole and then linked: of processes that start at once one makes it, and none reads half of it.
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, `${secret}\n`, { mode: 0o600, flag: 'wx', flush: true });
    await link(draft, file);
    return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
