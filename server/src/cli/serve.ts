// Starts the server for a person or an orchestrator: reads the settings, takes the data folder, opens the app, makes the
// first sign-in and the demo, says where everything is, and drains on a signal.
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { App } from '../app.ts';
import { type Config, ConfigError, loadConfig } from '../core/config.ts';
import { deriveKey } from '../core/crypto.ts';
import { DataFolderInUseError, type DataLock, lockDataFolder } from '../core/data-lock.ts';
import { ParleyError } from '../core/errors.ts';
import { createLogger, type Logger, serializeError } from '../core/log.ts';
import { giveMemoryBackAtRest } from '../core/memory.ts';
import { readSecret } from '../core/secret.ts';
import { commandError } from './command.ts';
import { commands } from './commands/list.ts';
import type { ControlListener } from './control.ts';
import type { FirstStart } from './first-start.ts';
import { checkSecret, explainOpening, serverHolder, serverHost } from './host.ts';
import type { Simulation } from './simulation.ts';
import { greeting, plainLogLine, workerGreeting } from './words.ts';

export interface ServeOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The exit code of a start that would fail the same way again. */
  readonly finalExitCode: number;
}

/** A drain that takes longer is given up; the queue lets running jobs finish for 20 s before it gives them back. */
const drainMsMax = 25_000;
/** npm and the terminal both pass Ctrl-C on: what comes this soon is the same wish. */
const sameSignalMs = 500;

/** Runs until a signal ends the process. */
export async function serve(options: ServeOptions): Promise<void> {
  const running: Running = {
    stopping: false,
    lock: null,
    simulation: null,
    stories: null,
    app: null,
    control: null,
  };
  try {
    await start(options, running);
  } catch (error) {
    // A signal that came while it started: what was not open yet has nothing to drain.
    if (running.stopping) return;
    process.stderr.write(`${sentenceFor(error)}\n`);
    await stop(running).catch(() => undefined);
    process.exit(isFinal(error) ? options.finalExitCode : 1);
  }
}

interface Running {
  stopping: boolean;
  lock: DataLock | null;
  simulation: Simulation | null;
  /** Ends what fills the demo's inbox. */
  stories: { readonly stop: AbortController; readonly done: Promise<void> } | null;
  app: App | null;
  control: ControlListener | null;
}

async function start({ environment }: ServeOptions, running: Running): Promise<void> {
  const config = await withPort(loadConfig(environment));
  const forPerson = process.stdout.isTTY || config.demo;
  const log = createServerLogger(config, environment, forPerson);
  installSignals(running, log);
  // Telephone numbers stand in the embedded database: the folder is its owner's alone.
  await mkdir(config.PARLEY_DATA, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw explainOpening(error, config);
  });
  const secret = await readSecret(config).catch((error: unknown) => {
    throw explainOpening(error, config);
  });
  if (!config.DATABASE_URL) running.lock = await lockDataFolder(config.PARLEY_DATA, serverHolder);
  // The app takes a second to load: what is wrong with the settings or the folder was said before.
  const [
    { createApp },
    { firstStart, restoreNumbers },
    { simulationPurpose, startSimulation },
    { startControl },
    { createPhoneLine },
  ] = await Promise.all([
    import('../app.ts'),
    import('./first-start.ts'),
    import('./simulation.ts'),
    import('./control.ts'),
    import('./phone-line.ts'),
  ]);
  if (config.demo && config.PARLEY_ROLE === 'all') {
    running.simulation = await startSimulation(deriveKey(secret, simulationPurpose));
  }
  const { simulation } = running;
  const simulator = simulation && { accountSids: [simulation.accountSid], url: simulation.url };
  const phoneLine = simulation && createPhoneLine(simulation);
  const app = await createApp({ config, log, simulator, phoneLine }).catch((error: unknown) => {
    throw explainOpening(error, config);
  });
  running.app = app;
  await checkSecret(app.kernel);
  if (simulation) await restoreNumbers(app.kernel, simulation);
  const url = await app.start().catch((error: unknown) => {
    throw explainListening(error, config);
  });
  let first: FirstStart | null = null;
  if (config.PARLEY_ROLE !== 'worker') {
    first = await firstStart(app.kernel, simulation, (signIn) => {
      if (forPerson) return;
      // Said at once, and not through the log: it is shown this one time.
      if (signIn.password)
        process.stderr.write(`The first owner: ${signIn.email}, password ${signIn.password}\n`);
      else log.info('the first owner was made, with the password of PARLEY_OWNER_PASSWORD');
    });
  }
  if (config.PARLEY_ROLE === 'all') {
    running.control = await startControl({
      folder: config.PARLEY_DATA,
      commands,
      host: (signal) => serverHost(app, simulation, signal),
      log,
    });
  }
  log.info({ role: config.PARLEY_ROLE, url, public_url: config.publicUrl }, 'Parley is up');
  if (forPerson) process.stdout.write(first ? greeting(config, first) : workerGreeting(url));
  if (simulation && first) running.stories = await startStories(app, simulation, first, log);
  giveMemoryBackAtRest();
}

/** In the background: nobody waits for the demo's inbox to be full. */
async function startStories(
  { kernel }: App,
  simulation: Simulation,
  { demoWorkspaceId: workspaceId, demoNumber: number }: FirstStart,
  log: Logger,
): Promise<Running['stories']> {
  if (!workspaceId || !number) return null;
  const { tellStories } = await import('./tell-stories.ts');
  const stop = new AbortController();
  const done = tellStories({ kernel, simulation, workspaceId, number, signal: stop.signal }).catch(
    (error: unknown) => log.warn({ err: error }, 'the stories of the demo were not told to their end'),
  );
  return { stop, done };
}

/** PORT=0 asks for any free port; the public address needs it before the API listens. */
async function withPort(config: Config): Promise<Config> {
  if (config.PORT !== 0 || config.PUBLIC_URL || config.PARLEY_ROLE === 'worker') return config;
  const port = await new Promise<number>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, config.HOST, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
  return { ...config, PORT: port, publicUrl: `http://localhost:${port}` };
}

/**
 * A person who just started it sees the greeting and what needs attention, in words; a machine reads every fact in
 * JSON. Asking for a level by LOG_LEVEL gives JSON at that level in either case.
 */
function createServerLogger(
  config: Config,
  environment: ServeOptions['environment'],
  forPerson: boolean,
): Logger {
  if (environment.LOG_LEVEL || !forPerson) return createLogger(config.LOG_LEVEL);
  if (!process.stdout.isTTY) return createLogger('warn');
  return createLogger('warn', { write: (line) => process.stdout.write(plainLogLine(line)) });
}

function installSignals(running: Running, log: Logger): void {
  let firstAt: number | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    if (firstAt !== null) {
      if (Date.now() - firstAt > sameSignalMs) process.exit(1);
      return;
    }
    firstAt = Date.now();
    running.stopping = true;
    log.info({ signal }, 'Parley drains');
    setTimeout(() => {
      log.error('the drain took too long and was given up');
      process.exit(1);
    }, drainMsMax).unref();
    stop(running).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'the drain failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

async function stop(running: Running): Promise<void> {
  await running.control?.close();
  running.stories?.stop.abort();
  await running.stories?.done;
  await running.app?.stop();
  await running.simulation?.close();
  await running.lock?.release();
}

function explainListening(error: unknown, config: Config): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return commandError(
      'port_in_use',
      `Port ${config.PORT} is in use by another program. Stop that one, or choose another port: PORT=${config.PORT + 1} npm start`,
      error,
    );
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return commandError(
      'cannot_listen',
      `Parley may not listen at ${config.HOST}, port ${config.PORT} (${code}). Look at HOST and PORT.`,
      error,
    );
  }
  return error;
}

const finalCodes = ['port_in_use', 'cannot_listen', 'wrong_secret', 'database_refused', 'data_folder'];

/** Whether only a person can mend it. */
function isFinal(error: unknown): boolean {
  return (
    error instanceof ConfigError ||
    error instanceof DataFolderInUseError ||
    (error instanceof ParleyError && finalCodes.includes(error.code))
  );
}

function sentenceFor(error: unknown): string {
  if (error instanceof ConfigError || error instanceof ParleyError || error instanceof DataFolderInUseError) {
    return error.message;
  }
  const { type, message, stack } = serializeError(error);
  return `Parley could not start: ${type}: ${message}\n${stack ?? ''}`;
}
