// Where files rest: whole values under a key. The file system for now; an object store fits behind the same calls.
// What is put here is sealed already.
import { mkdir, open, opendir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { definePort } from './context.ts';
import { newId } from './identifiers.ts';

export interface Storage {
  /** Durable when it resolves. Overwrites. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** For what is larger than memory. Nothing is there before `commit` resolves, and then all of it, durably. */
  write(key: string): Promise<StorageWriter>;
  /** The same, to be read in pieces; null when nothing is there. */
  read(key: string): Promise<{ readonly bytes: number; readonly stream: Readable } | null>;
  /** Null when nothing is there. */
  get(key: string): Promise<Buffer | null>;
  /** Does nothing when nothing is there. */
  delete(key: string): Promise<void>;
  /** Whatever is under a folder, half-written files too. Returns how many there were. */
  deleteFolder(folder: string): Promise<number>;
  /** The keys right under a folder, some at a time; those that come or go meanwhile may be among them or not. */
  list(folder: string): AsyncIterable<readonly string[]>;
  /** When the value was put; null when nothing is there. */
  putAt(key: string): Promise<Date | null>;
}

export interface StorageWriter {
  write(chunk: Uint8Array): Promise<void>;
  commit(): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}

export const storagePort = definePort<Storage>('storage');

const listedAtOnce = 500;

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
    async write(key) {
      const path = pathOf(key);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const aside = `${path}.${newId()}`;
      const file = await open(aside, 'wx', 0o600);
      const abort = async () => {
        await file.close().catch(() => undefined);
        await rm(aside, { force: true });
      };
      return {
        write: async (chunk) => {
          for (let at = 0; at < chunk.byteLength; )
            at += (await file.write(chunk, at, chunk.byteLength - at)).bytesWritten;
        },
        commit: async () => {
          await file.sync();
          await file.close();
          await rename(aside, path);
          const directory = await open(dirname(path));
          await directory.sync().finally(() => directory.close());
        },
        abort,
      };
    },
    async read(key) {
      try {
        const file = await open(pathOf(key));
        const { size } = await file.stat();
        return { bytes: size, stream: file.createReadStream() };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
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
    async deleteFolder(folder) {
      const path = pathOf(folder);
      const entries = await readdir(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      });
      await rm(path, { recursive: true, force: true });
      return entries.length;
    },
    async putAt(key) {
      try {
        return (await stat(pathOf(key))).mtime;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
    async *list(folder) {
      const path = pathOf(folder);
      let page: string[] = [];
      try {
        for await (const entry of await opendir(path)) {
          // A file that is being written has a dot in its name until it is there.
          if (!entry.isFile() || entry.name.includes('.')) continue;
          page.push(`${folder}/${entry.name}`);
          if (page.length < listedAtOnce) continue;
          yield page;
          page = [];
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
      if (page.length > 0) yield page;
    },
  };
}
