// The installation's secret: from the environment, or made once and kept in the data folder.
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config.ts';

export async function readSecret(config: Config): Promise<string> {
  if (config.PARLEY_SECRET) return config.PARLEY_SECRET;
  const file = join(config.PARLEY_DATA, 'secret');
  await mkdir(config.PARLEY_DATA, { recursive: true });
  const made = randomBytes(48).toString('base64url');
  try {
    // `wx`: of two processes that start at once, one makes it and the other reads it.
    await writeFile(file, `${made}\n`, { mode: 0o600, flag: 'wx' });
    return made;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  await chmod(file, 0o600);
  const kept = (await readFile(file, 'utf8')).trim();
  if (kept.length < 32)
    throw new Error(
      `${file} holds no secret: put the right one back, or remove the file if there is no data`,
    );
  return kept;
}
