// Keeps the one process of an embedded Parley running: starts it again when it crashes or hangs, and passes signals on.
// Imports nothing of the app, so that it stays small and cannot fail with it.
import { type ChildProcess, fork } from 'node:child_process';

export interface SupervisorOptions {
  /** The script to run, with its arguments. */
  readonly script: string;
  readonly arguments: readonly string[];
  /** Options of Node for it, besides our own. */
  readonly nodeOptions?: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** A child that is up and has not sent a heartbeat for this long is killed. */
  readonly silenceMsMax: number;
  /** The same until it is up for the first time: a new database is made in one go, which takes a slow machine its time. */
  readonly startSilenceMsMax: number;
  /** Waits before restart N; the last one repeats. */
  readonly restartDelaysMs: readonly number[];
  /** This many crashes within the window below are the end. */
  readonly crashesMax: number;
  readonly crashWindowMs: number;
  /** This many starts without ever coming up are the end: waiting would not mend them. */
  readonly failedStartsMax: number;
  /** Exit codes that another start would not mend: wrong settings, a folder in use. */
  readonly finalExitCodes: readonly number[];
  readonly say: (sentence: string) => void;
}

/** BSD's sysexits.h: EX_CONFIG. Something that only a person can mend. */
export const exitConfig = 78;

export const defaultSupervision = {
  silenceMsMax: 20_000,
  startSilenceMsMax: 180_000,
  restartDelaysMs: [500, 1000, 2000, 5000, 10_000],
  crashesMax: 10,
  crashWindowMs: 10 * 60_000,
  failedStartsMax: 3,
  finalExitCodes: [exitConfig],
} as const;

/**
 * The child sends `heartbeat` over IPC every second while its event loop turns.
 * @returns the exit code for the supervising process.
 */
export async function supervise(options: SupervisorOptions): Promise<number> {
  const { say, restartDelaysMs } = options;
  const crashes: number[] = [];
  let wasUp = false;
  let stopping = false;
  let child: ChildProcess | undefined;
  let wake: (() => void) | undefined;

  const passOn = (signal: NodeJS.Signals) => {
    stopping = true;
    wake?.();
    child?.kill(signal);
  };
  // A terminal sends Ctrl-C to the whole process group, the child included: it would count as its second signal.
  const onInterrupt = () => {
    if (process.stdin.isTTY) {
      stopping = true;
      wake?.();
    } else passOn('SIGINT');
  };
  const onTerminate = () => passOn('SIGTERM');
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  try {
    for (;;) {
      const ended = await run(options, wasUp, (started) => {
        child = started;
      });
      child = undefined;
      wasUp ||= ended.wasUp;
      if (stopping || ended.code === 0) return ended.code ?? 0;
      if (ended.code !== null && options.finalExitCodes.includes(ended.code)) return ended.code;
      const now = Date.now();
      crashes.push(now);
      while ((crashes[0] ?? now) < now - options.crashWindowMs) crashes.shift();
      const silenceMs = wasUp ? options.silenceMsMax : options.startSilenceMsMax;
      const reason = ended.hung
        ? `did not answer for ${Math.round(silenceMs / 1000)} s and was killed`
        : `ended unexpectedly (${ended.signal ?? `exit code ${ended.code}`})`;
      if (crashes.length >= (wasUp ? options.crashesMax : options.failedStartsMax)) {
        say(
          `Parley ${reason}, ${crashes.length} times in ${Math.round(options.crashWindowMs / 60_000)} minutes. ` +
            'It is not started again. "npm run parley -- doctor" may tell what is wrong.',
        );
        return 1;
      }
      const delayMs = restartDelaysMs[Math.min(crashes.length, restartDelaysMs.length) - 1] ?? 0;
      say(`Parley ${reason}. Starting it again in ${delayMs / 1000} s.`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, delayMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (stopping) return 0;
    }
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onTerminate);
  }
}

/** So long a heartbeat that has come may wait to be read. */
const unreadMs = 500;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly hung: boolean;
  readonly wasUp: boolean;
}

function run(
  options: SupervisorOptions,
  wasUpBefore: boolean,
  started: (child: ChildProcess) => void,
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = fork(options.script, [...options.arguments], {
      env: options.environment,
      execArgv: [...process.execArgv, ...(options.nodeOptions ?? [])],
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    });
    started(child);
    let hung = false;
    let wasUp = false;
    const kill = () => {
      hung = true;
      child.kill('SIGKILL');
    };
    // Where this process had no processor time either, heartbeats wait to be read.
    const onSilence = () => {
      timer = setTimeout(kill, unreadMs);
    };
    const silenceMs = () => (wasUp || wasUpBefore ? options.silenceMsMax : options.startSilenceMsMax);
    let timer = setTimeout(onSilence, silenceMs());
    child.on('message', (message) => {
      wasUp ||= message === 'up';
      clearTimeout(timer);
      timer = setTimeout(onSilence, silenceMs());
    });
    const finish = (code: number | null, signal: NodeJS.Signals | null) => {
      clearTimeout(timer);
      resolve({ code, signal, hung, wasUp });
    };
    child.once('error', () => finish(1, null));
    child.once('exit', finish);
  });
}

/** Called in the child: tells the supervisor that the start is over. */
export function tellUp(): void {
  process.send?.('up', undefined, undefined, () => undefined);
}

/** Called in the child: tells the supervisor every second that the event loop turns, and ends with it. */
export function sendHeartbeats(): void {
  const beat = () => process.send?.('heartbeat', undefined, undefined, () => undefined);
  beat();
  setInterval(beat, 1000).unref();
  // Without its supervisor nobody would stop it or start it again: it drains like on a signal.
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
}
