// Where files rest: whole values under a key. The file system for now; an object store fits behind the same three calls.
// What is put here is sealed already.
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { definePort } from './context.ts';
import { newId } from './identifiers.ts';

export interface Storage {
  /** Durable when it resolves. Overwrites. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Null when nothing is there. */
  get(key: string): Promise<Buffer | null>;
  /** Does nothing when nothing is there. */
  delete(key: string): Promise<void>;
}

export const storagePort = definePort<Storage>('storage');

/** Segments of letters, digits and dashes: nothing that a path could climb out by. */
const keyPattern = /^[\w-]+(?:\/[\w-]+)*$/;

export function createFileStorage(root: string): Storage {
  const pathOf = (key: string) => {
    if (!keyPattern.test(key)) throw new Error('not a storage key');
    return join(root, key);
  };
  return {
    async put(key, bytes) {
      const path = pathOf(key);
      const folder = dirname(path);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // Written aside and renamed, so that a reader sees all of it or nothing.
      const aside = `${path}.${newId()}`;
      try {
        const file = await open(aside, 'wx', 0o600);
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(aside, path);
      } catch (error) {
        await rm(aside, { force: true });
        throw error;
      }
      const directory = await open(folder);
      await directory.sync().finally(() => directory.close());
    },
    async get(key) {
      try {
        return await readFile(pathOf(key));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
    async delete(key) {
      await rm(pathOf(key), { force: true });
    },
  };
}
