// Keeps a second process off a data folder: the embedded database serves one process, and two would damage it.
import { mkdir, open, readFile, rename, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** The holder touches its lock this often, for those who cannot see its process (another container on one volume). */
const touchMs = 2000;
/** A lock of another host that was not touched for this long belongs to nobody. */
const foreignMsMax = 10_000;
/** A takeover takes milliseconds; one that is older was interrupted. */
const takeoverMsMax = 5000;

const lockContent = z.object({
  pid: z.number().int(),
  host: z.string(),
  /** When the process began, as the kernel counts, so that a reused pid is not taken for it; null where unknown. */
  began: z.string().nullable(),
  /** What the holder is, in words: "the server". */
  holder: z.string(),
});
type LockContent = z.infer<typeof lockContent>;

export interface DataLock {
  release(): Promise<void>;
}

/** Somebody else uses the data folder. The message is a sentence for the person who started us. */
export class DataFolderInUseError extends Error {
  override readonly name = 'DataFolderInUseError';
}

/**
 * Takes the folder's lock (`lock`, mode 600). A lock whose process is gone is taken over.
 * @param holder what takes it, as it is named to the one who comes second: "the server", "parley migrate".
 * @throws DataFolderInUseError
 */
export async function lockDataFolder(folder: string, holder: string): Promise<DataLock> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'lock');
  const own: LockContent = {
    pid: process.pid,
    host: hostname(),
    began: await processBeginning(process.pid),
    holder,
  };
  const content = JSON.stringify(own);
  if (!(await create(file, content)) && !(await takeOver(file, content))) {
    const other = await read(file);
    throw new DataFolderInUseError(
      `The data folder ${folder} is in use by ${other?.holder ?? 'another process'}` +
        `${other ? ` (process ${other.pid}${other.host === own.host ? '' : ` on ${other.host}`})` : ''}. ` +
        'The embedded database serves one process: stop that one, choose another folder with PARLEY_DATA, or set DATABASE_URL to a PostgreSQL.',
    );
  }
  const timer = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  }, touchMs);
  timer.unref();
  return {
    release: async () => {
      clearInterval(timer);
      const held = await read(file);
      if (held?.pid === own.pid && held.host === own.host) await rm(file, { force: true });
    },
  };
}

/** Who holds the folder's lock, in words; null when nobody does. */
export async function findLockHolder(folder: string): Promise<string | null> {
  const file = join(folder, 'lock');
  return (await isHeld(file)) ? ((await read(file))?.holder ?? null) : null;
}

/** Whether this process made the lock, or somebody else did already. */
async function create(file: string, content: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(content);
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Replaces a lock that belongs to nobody. A folder made first lets one process at a time decide that. */
async function takeOver(file: string, content: string): Promise<boolean> {
  const turnstile = `${file}.takeover`;
  const enter = () => mkdir(turnstile).then(() => true);
  const entered = await enter().catch(async () => {
    const age = await ageMs(turnstile);
    if (age === null || age < takeoverMsMax) return false;
    await rmdir(turnstile).catch(() => undefined);
    return enter().catch(() => false);
  });
  if (!entered) return false;
  try {
    if (await isHeld(file)) return false;
    const fresh = `${file}.${process.pid}`;
    await writeFile(fresh, content, { mode: 0o600 });
    await rename(fresh, file);
    return true;
  } finally {
    await rmdir(turnstile).catch(() => undefined);
  }
}

async function isHeld(file: string): Promise<boolean> {
  const age = await ageMs(file);
  if (age === null) return false;
  const lock = await read(file);
  // Between being made and being written, or damaged: its age decides.
  if (!lock || lock.host !== hostname()) return age < foreignMsMax;
  if (lock.pid === process.pid) return lock.began === (await processBeginning(process.pid));
  if (!isAlive(lock.pid)) return false;
  const began = await processBeginning(lock.pid);
  return began === null || lock.began === null || began === lock.began;
}

async function read(file: string): Promise<LockContent | null> {
  try {
    return lockContent.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}

async function ageMs(path: string): Promise<number | null> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return null;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Boot and start time of a process on Linux (proc(5): field 22 of stat); null elsewhere. */
async function processBeginning(pid: number): Promise<string | null> {
  try {
    const [boot, line] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ]);
    // The second field is the command in brackets, which may hold spaces.
    const began = line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
    return began ? `${boot.trim()} ${began}` : null;
  } catch {
    return null;
  }
}
