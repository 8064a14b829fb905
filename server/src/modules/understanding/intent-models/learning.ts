// Learns intents in a process of its own, below the priority of what answers people: a training takes seconds to minutes of one
// processor, and some of its steps take seconds at a stretch.
import { fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { IntentTrainingError } from '../../../learning/intent-training.ts';
import type { LearnedMetrics, LearnedModel, LearningTask, Told } from './learner.ts';

/** It took longer than it may. */
export class LearningTooLongError extends Error {
  override readonly name = 'LearningTooLongError';
}

export interface Learning {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** 0 to 1, some times a second at most. */
  readonly onProgress: (progress: number) => void;
}

/** 20,000 examples of 150 intents take 450 MB. */
const heapMegabytes = 1536;

/**
 * @throws IntentTrainingError
 * @throws LearningTooLongError
 * @throws what the signal aborts with; an Error where the process broke down
 */
export async function learnInProcess<Task extends LearningTask>(
  task: Task,
  { timeoutMs, signal, onProgress }: Learning,
): Promise<Extract<LearnedModel | LearnedMetrics, { kind: Task['kind'] }>> {
  signal.throwIfAborted();
  const child = fork(fileURLToPath(new URL('./learner.ts', import.meta.url)), [], {
    env: {},
    execArgv: [`--max-old-space-size=${heapMegabytes}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  if (child.pid !== undefined) lowerPriority(child.pid);
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  let isTooLong = false;
  const timer = setTimeout(() => {
    isTooLong = true;
    stop();
  }, timeoutMs);
  try {
    const end = await new Promise<Told>((resolve) => {
      child.on('message', (told: Told) => {
        if (signal.aborted) return;
        if ('progress' in told) onProgress(told.progress);
        else resolve(told);
      });
      child.once('error', (error) => resolve({ failure: error.message }));
      child.once('exit', (code, by) => resolve({ failure: `it ended by itself: ${by ?? code}` }));
      // Where it cannot be sent, it has ended already, and that is told.
      child.send(task, () => undefined);
    });
    signal.throwIfAborted();
    if (isTooLong) throw new LearningTooLongError(`learning took longer than ${timeoutMs} ms`);
    if ('problem' in end) throw new IntentTrainingError(end.problem, end.message);
    if (!('learned' in end)) throw new Error(`learning broke down: ${'failure' in end ? end.failure : ''}`);
    return end.learned as never;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** Half as much of a processor as what answers people: two trainings on two processors leave it one, and end all the same. */
const niceness = 3;

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, niceness);
  } catch {
    // It ended already, or the system does not let us.
  }
}
