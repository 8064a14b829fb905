// Gives memory back to the operating system when the process has come to rest. V8 keeps what loading and bursts of work
// made it take, for as long as nothing asks for it.
import { Session } from 'node:inspector/promises';
import { performance } from 'node:perf_hooks';

const lookEveryMsDefault = 5000;
/** A process whose event loop was busy for a smaller share than this of the time between two looks is at rest. */
const restingShare = 0.05;
/** Less than this is not worth the tenth of a second that a full collection takes. */
const grownBytesMin = 24 * 1024 * 1024;

/** Looks from now on, without keeping the process alive. Returns what ends it. */
export function giveMemoryBackAtRest(lookEveryMs = lookEveryMsDefault): () => void {
  let residentBytes = 0;
  let before = performance.eventLoopUtilization();
  const timer = setInterval(async () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    if (utilization > restingShare || process.memoryUsage.rss() < residentBytes + grownBytesMin) return;
    // Without it the process is as big as before, and nothing else.
    await collectGarbage().catch(() => undefined);
    residentBytes = process.memoryUsage.rss();
    before = performance.eventLoopUtilization();
  }, lookEveryMs).unref();
  return () => clearInterval(timer);
}

/**
 * One full collection that also returns freed pages and shrinks the young generation. The inspector's way to it is the
 * only public one; the process listens to nobody for it.
 * https://chromedevtools.github.io/devtools-protocol/v8/HeapProfiler/#method-collectGarbage
 */
export async function collectGarbage(): Promise<void> {
  const session = new Session();
  session.connect();
  try {
    await session.post('HeapProfiler.collectGarbage');
  } finally {
    session.disconnect();
  }
}
