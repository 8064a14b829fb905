// The operator's side of the control channel: finds the running server by the data folder and has it run a command.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../core/config.ts';
import { DataFolderInUseError, isAlive } from '../core/data-lock.ts';
import { ParleyError } from '../core/errors.ts';
import { serializeError } from '../core/log.ts';

const controlFile = z.object({ url: z.url(), token: z.string(), pid: z.number().int() });
export type ControlFile = z.infer<typeof controlFile>;

const errorLine = z.object({
  code: z.string(),
  message: z.string(),
  details: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type CommandFailure = z.infer<typeof errorLine>;

/** A line of the answer; an empty one only says that the command still runs. */
export const answerLine = z.union([
  z.object({ progress: z.string() }),
  z.object({ output: z.unknown() }),
  z.object({ error: errorLine }),
]);

/** Where the running server says how it is reached. */
export function controlPath(folder: string): string {
  return join(folder, 'control.json');
}

/** An error as the operator is told it. */
export function describeFailure(error: unknown): CommandFailure {
  if (error instanceof ParleyError) {
    const { code, message, details } = error;
    return { code, message, ...(details ? { details: [...details] } : {}) };
  }
  if (error instanceof z.ZodError) {
    return {
      code: 'usage',
      message: 'The command was not called rightly.',
      details: error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
    };
  }
  if (error instanceof DataFolderInUseError) return { code: 'data_folder_in_use', message: error.message };
  if (error instanceof ConfigError) return { code: 'config', message: error.message };
  const { type, message } = serializeError(error);
  return { code: 'internal', message: `This went wrong unexpectedly (${type}: ${message}).` };
}

/** Where the running server listens; null when none runs on this data folder. */
export async function readControl(folder: string): Promise<ControlFile | null> {
  try {
    const file = controlFile.parse(JSON.parse(await readFile(controlPath(folder), 'utf8')));
    return isAlive(file.pid) ? file : null;
  } catch {
    return null;
  }
}

/**
 * Runs a command in the running server.
 * @throws CommandFailedError with what the server said; TypeError when nothing listens
 */
export async function callControl(
  control: ControlFile,
  name: string,
  input: Readonly<Record<string, unknown>>,
  progress: (sentence: string) => void,
  signal: AbortSignal,
): Promise<unknown> {
  const answer = await fetch(`${control.url}/commands`, {
    method: 'POST',
    headers: { authorization: `Bearer ${control.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, input }),
    signal,
  });
  if (!answer.ok || !answer.body) {
    throw new CommandFailedError({
      code: 'control_refused',
      message: `The running server refused the command (HTTP ${answer.status}).`,
    });
  }
  let rest = '';
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') continue;
      const parsed = answerLine.parse(JSON.parse(line));
      if ('progress' in parsed) progress(parsed.progress);
      else if ('error' in parsed) throw new CommandFailedError(parsed.error);
      else return parsed.output;
    }
  }
  throw new CommandFailedError({
    code: 'server_stopped',
    message: 'The server stopped before the command was done.',
  });
}

/** A command failed in the running server. */
export class CommandFailedError extends Error {
  override readonly name = 'CommandFailedError';
  readonly failure: CommandFailure;
  constructor(failure: CommandFailure) {
    super(failure.message);
    this.failure = failure;
  }
}
