// What a command of the operator is: it runs in the server that is up, or in a process of its own, and is the same
// function in both.
import type { z } from 'zod';
import type { App } from '../app.ts';
import type { Config } from '../core/config.ts';
import type { Database } from '../core/database.ts';
import { ParleyError } from '../core/errors.ts';
import type { Simulation } from './simulation.ts';
import { visible } from './visible.ts';

/** What a command may use. Parts are opened when they are first asked for. */
export interface CommandHost {
  readonly config: Config;
  /** The simulated carrier of the running server; null where there is none. */
  readonly simulation: Simulation | null;
  /** Who else works on the same data meanwhile: other processes, this server's own requests and jobs, or nobody. */
  readonly company: 'processes' | 'requests' | 'nobody';
  /** Aborts when the person who asked has gone or the process is told to end. */
  readonly signal: AbortSignal;
  /** The database as it is, not migrated. @throws ParleyError when it cannot be opened */
  database(): Promise<Database>;
  /** The app on a migrated database, without its listener. @throws ParleyError when it cannot be opened */
  app(): Promise<App>;
}

/**
 * - `server`: needs the running server, for its simulated carrier lives there.
 * - `anywhere`: in the running server where the embedded database is that one's, in this process otherwise.
 * - `alone`: not while a server has the embedded database open.
 */
export type CommandPlace = 'server' | 'anywhere' | 'alone';

export interface Command<Input extends z.ZodObject = z.ZodObject, Output = unknown> {
  /** One or two words: `doctor`, `key create`. */
  readonly name: string;
  readonly description: string;
  readonly place: CommandPlace;
  /** Its options; each key's `.describe()` is its help. */
  readonly input: Input;
  /** The key that is given without a name, at the end. */
  readonly positional?: string;
  /** An option that whoever sits at a terminal is asked for when it is absent. */
  readonly asks?: { readonly key: string; readonly question: string };
  run(host: CommandHost, input: z.output<Input>, progress: (sentence: string) => void): Promise<Output>;
  /** For a person. */
  print(output: Output): string;
  /** Whether the answer itself says that something is wrong: exit code 1. */
  failed?(output: Output): boolean;
}

/** A command of a list: its own types are between it and its schema. */
export type AnyCommand = Command<z.ZodObject, never>;

export function defineCommand<Input extends z.ZodObject, Output>(
  command: Command<Input, Output>,
): AnyCommand {
  return command as unknown as AnyCommand;
}

/** What could not be done, said to the operator. */
export function commandError(code: string, message: string, cause?: unknown): ParleyError {
  return new ParleyError({ status: 400, code, message, cause });
}

/** Rows of text under their headings, as wide as they need to be. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = rows.map((row) => row.map(visible));
  const widths = headings.map((heading, index) =>
    Math.max(heading.length, ...shown.map((row) => row[index]?.length ?? 0)),
  );
  return [headings, ...shown]
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
