// Ends a process whose event loop no longer turns (a job in an endless loop), so that whoever started it, a container or
// a service manager, starts it again and the job ends in the dead letters. Where a supervisor watches, it does that itself.
import { writeSync } from 'node:fs';
import { url as inspectorUrl } from 'node:inspector';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

const beatMs = 1000;
const silenceMsDefault = 10_000;

interface Watch {
  readonly beats: SharedArrayBuffer;
  readonly silenceMsMax: number;
}

/** @param silenceMsMax how long the event loop may stand still before the process is killed. */
export function watchEventLoop(silenceMsMax = silenceMsDefault): void {
  // Whoever debugs it stops the loop on purpose.
  if (inspectorUrl()) return;
  const beats = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const counter = new Int32Array(beats);
  setInterval(() => Atomics.add(counter, 0, 1), beatMs).unref();
  new Worker(new URL(import.meta.url), {
    workerData: { beats, silenceMsMax } satisfies Watch,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  }).unref();
}

/**
 * It must have worked for this much of the time it may be silent: who waits for a processor that others have is in no
 * loop, and a start that is given a fifth of one takes ten seconds over its imports.
 */
const busyShare = 0.8;
/** Who does not work and is silent for this many times as long stands still for another reason, and is ended too. */
const idleFactor = 6;

/** In its own thread. Counts its own turns and reads no clock: a process that is paused as a whole is not silent. */
function guard({ beats, silenceMsMax }: Watch): void {
  const counter = new Int32Array(beats);
  let seen = 0;
  let silentMs = 0;
  let before = process.cpuUsage();
  setInterval(() => {
    const count = Atomics.load(counter, 0);
    if (count !== seen) before = process.cpuUsage();
    silentMs = count === seen ? silentMs + beatMs : 0;
    seen = count;
    const { user, system } = process.cpuUsage(before);
    const isBusy = (user + system) / 1000 >= silenceMsMax * busyShare;
    if (silentMs < (isBusy ? silenceMsMax : silenceMsMax * idleFactor)) return;
    writeSync(
      2,
      `Parley did nothing for ${silentMs / 1000} s and is ended, so that it can be started again.\n`,
    );
    process.kill(process.pid, 'SIGKILL');
  }, beatMs);
}

if (!isMainThread) guard(workerData as Watch);
