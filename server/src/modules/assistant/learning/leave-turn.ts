// Work that nobody waits for, beside work that somebody does.
import { setTimeout as wait } from 'node:timers/promises';

const restMsMax = 500;

/**
 * Leaves the process to others for as long as the step before took: the embedded database and the reading of texts let nobody
 * in. Rejects when the signal aborts.
 */
export async function leaveTurn(stepBegan: number, signal: AbortSignal): Promise<void> {
  await wait(Math.min(performance.now() - stepBegan, restMsMax), undefined, { signal });
}
