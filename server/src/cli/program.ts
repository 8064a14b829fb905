// The program behind the command line: builds every command's options from its schema, runs it where its data is, and
// answers in words or, with --json, in one JSON object. Exit codes: 0 done, 1 failed, 2 called wrongly.

import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Argument, Command as Commander, CommanderError, Option } from 'commander';
import { z } from 'zod';
import { type Config, loadConfig } from '../core/config.ts';
import { findLockHolder } from '../core/data-lock.ts';
import { type AnyCommand, commandError } from './command.ts';
import { commands } from './commands/list.ts';
import {
  CommandFailedError,
  type CommandFailure,
  type ControlFile,
  callControl,
  describeFailure,
  readControl,
} from './control-client.ts';
import { explainOpening, localHost, serverHolder } from './host.ts';
import { visibleLines } from './visible.ts';

const exitFailed = 1;
const exitUsage = 2;

/** What a schema says of one option, read from its JSON Schema. */
const property = z.object({
  type: z.string().optional(),
  description: z.string().optional(),
  enum: z.array(z.string()).optional(),
  default: z.unknown().optional(),
});

/** The program, with every command of the list. */
export function buildProgram(): Commander {
  const program = new Commander('parley')
    .description('Looks after an installation of Parley.')
    .showHelpAfterError('(--help tells more)');
  program
    .command('serve')
    .description('Start the server, as npm start does')
    .allowUnknownOption()
    .helpOption(false)
    .argument('[options...]', '--role=all|api|worker, --no-supervise')
    .action(async (parameters: string[]) => {
      process.exitCode = await runServer(parameters);
    });
  const groups = new Map<string, Commander>();
  for (const command of commands) {
    const [first = '', second] = command.name.split(' ');
    if (second === undefined) addCommand(program, first, command);
    else {
      const group = groups.get(first) ?? program.command(first).description(groupDescriptions[first] ?? '');
      groups.set(first, group);
      addCommand(group, second, command);
    }
  }
  exitOverAll(program);
  return program;
}

const groupDescriptions: Readonly<Record<string, string>> = {
  migrate: 'The schema of the database',
  key: 'API keys',
  keys: 'The keys that tokens are signed with',
  member: 'Members and their passwords',
  audit: 'Who did what to what',
  assistant: 'The assistant and its cases',
  simulate: 'The simulated carrier of the demo',
  privacy: 'What is kept of people',
  workspace: 'Workspaces: their beginning and their end',
  'dead-letters': 'Jobs that failed for the last time',
  deliveries: 'Webhook calls in the journal',
};

function exitOverAll(command: Commander): void {
  command.exitOverride();
  for (const child of command.commands) exitOverAll(child);
}

function addCommand(parent: Commander, name: string, command: AnyCommand): void {
  const built = parent.command(name).description(command.description);
  const { properties = {}, required = [] } = z
    .object({
      properties: z.record(z.string(), property).optional(),
      required: z.array(z.string()).optional(),
    })
    .parse(z.toJSONSchema(command.input, { io: 'input', unrepresentable: 'any' }));
  /** By what the library makes of them: `owner-name` is `ownerName` there. */
  const keys = new Map<string, string>();
  for (const [key, { type, description = '', enum: choices, default: usual }] of Object.entries(properties)) {
    if (key === command.positional) {
      built.addArgument(new Argument(required.includes(key) ? `<${key}>` : `[${key}]`, description));
      continue;
    }
    const option = new Option(
      type === 'boolean' ? `--${key}` : `--${key} <${type === 'integer' ? 'number' : 'value'}>`,
      description + (usual !== undefined && usual !== false ? ` (default: ${String(usual)})` : ''),
    );
    if (choices) option.choices(choices);
    keys.set(option.attributeName(), key);
    built.addOption(option.makeOptionMandatory(required.includes(key)));
  }
  built.option('--json', 'answer in JSON');
  built.action(async (...parameters: unknown[]) => {
    const options = built.opts<Record<string, unknown> & { json?: boolean }>();
    const { json = false, ...given } = options;
    const named = Object.fromEntries(
      Object.entries(given).map(([attribute, value]) => [keys.get(attribute) ?? attribute, value]),
    );
    const input =
      command.positional && parameters[0] !== undefined
        ? { ...named, [command.positional]: parameters[0] }
        : named;
    process.exitCode = await runCommand(command, { ...input, ...(await askFor(command, input)) }, json);
  });
}

/** What is not given as an option, and may be typed. */
async function askFor(command: AnyCommand, given: Readonly<Record<string, unknown>>) {
  if (!command.asks || given[command.asks.key] !== undefined || !process.stdin.isTTY) return {};
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return { [command.asks.key]: await terminal.question(command.asks.question) };
  } finally {
    terminal.close();
  }
}

async function runCommand(
  command: AnyCommand,
  input: Readonly<Record<string, unknown>>,
  json: boolean,
): Promise<number> {
  const say = (sentence: string) => process.stdout.write(`${visibleLines(sentence)}\n`);
  const progress = json ? () => undefined : say;
  const parsed = command.input.safeParse(input);
  if (!parsed.success) return fail(command, describeFailure(parsed.error), json, exitUsage);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  try {
    const output = (await runWhereItBelongs(command, input, parsed.data, progress, stopping.signal)) as never;
    say(json ? JSON.stringify(output) : command.print(output));
    return command.failed?.(output) ? exitFailed : 0;
  } catch (error) {
    if (error instanceof CommandFailedError) return fail(command, error.failure, json, exitFailed);
    if (stopping.signal.aborted)
      return fail(command, { code: 'stopped', message: 'Stopped.' }, json, exitFailed);
    return fail(command, describeFailure(error), json, exitFailed);
  }
}

function fail(command: AnyCommand, failure: CommandFailure, json: boolean, exitCode: number): number {
  if (json) process.stdout.write(`${visibleLines(JSON.stringify({ error: failure }))}\n`);
  else {
    const details = (failure.details ?? []).map(({ path, message }) =>
      path === '' ? `  ${message}` : `  ${path === command.positional ? '' : '--'}${path}: ${message}`,
    );
    process.stderr.write(`${visibleLines([failure.message, ...details].join('\n'))}\n`);
  }
  return exitCode;
}

async function runWhereItBelongs(
  command: AnyCommand,
  raw: Readonly<Record<string, unknown>>,
  parsed: Record<string, unknown>,
  progress: (sentence: string) => void,
  signal: AbortSignal,
): Promise<unknown> {
  // Every process of an installation reads the same settings, whatever its role.
  const config = loadConfig({ ...process.env, PARLEY_ROLE: 'all' });
  const control = await findServer(config, progress, signal);
  if (control && (command.place === 'server' || !config.DATABASE_URL)) {
    if (command.place === 'alone') {
      throw commandError(
        'server_is_running',
        `The server (process ${control.pid}) has the embedded database open: stop it first.`,
      );
    }
    const answer = await inServer(control, command.name, raw, progress, signal);
    if (answer) return answer.output;
  }
  if (command.place === 'server') {
    throw commandError(
      'no_server',
      `No server with a simulated carrier runs on the data folder ${config.PARLEY_DATA}. Start one with "npm start" (PARLEY_DEMO=true where DATABASE_URL is set).`,
    );
  }
  const host = localHost(config, signal, `"parley ${command.name}"`);
  try {
    return await command.run(host, parsed, progress);
  } catch (error) {
    throw explainOpening(error, config);
  } finally {
    await host.close();
  }
}

const startPatienceMs = 60_000;
const startPollMs = 200;

/** Waits for a server that is just starting. */
async function findServer(
  config: Config,
  progress: (sentence: string) => void,
  signal: AbortSignal,
): Promise<ControlFile | null> {
  const deadline = Date.now() + startPatienceMs;
  let told = false;
  for (;;) {
    const control = await readControl(config.PARLEY_DATA);
    if (control || config.DATABASE_URL || signal.aborted || Date.now() > deadline) return control;
    if ((await findLockHolder(config.PARLEY_DATA)) !== serverHolder) return null;
    if (!told) progress('The server is starting …');
    told = true;
    await pause(startPollMs);
  }
}

/** Null when the server is gone, whatever its file says. */
async function inServer(
  control: ControlFile,
  name: string,
  input: Readonly<Record<string, unknown>>,
  progress: (sentence: string) => void,
  signal: AbortSignal,
): Promise<{ output: unknown } | null> {
  try {
    return { output: await callControl(control, name, input, progress, signal) };
  } catch (error) {
    const cause = error instanceof TypeError ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
    if (cause?.code === 'ECONNREFUSED') return null;
    throw error;
  }
}

/** The server in a process of its own, which gets our signals; its exit code is ours. */
function runServer(parameters: readonly string[]): Promise<number> {
  const script = fileURLToPath(new URL('../main.ts', import.meta.url));
  const child = spawn(process.execPath, [script, ...parameters], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (signal === 'SIGTERM' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  return new Promise((resolve) => {
    child.once('error', () => resolve(exitFailed));
    child.once('exit', (code) => resolve(code ?? exitFailed));
  });
}

/** Runs what the parameters ask for, and sets the exit code. */
export async function runProgram(parameters: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync([...parameters]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : exitUsage;
  }
}
