// What the server says to the person who started it, in place of JSON.
import { z } from 'zod';
import type { Config } from '../core/config.ts';
import type { FirstStart } from './first-start.ts';

/** Everything that a newcomer needs in the first ten seconds. */
export function greeting(config: Config, first: FirstStart): string {
  const url = config.publicUrl;
  const lines = [
    '',
    `  Parley is up at ${url}`,
    '',
    `  API documents   ${url}/api/docs`,
    `  Health          ${url}/api/v1/health`,
    ...(first.signIn
      ? [
          `  Sign-in         ${first.signIn.email}`,
          first.signIn.password
            ? `  Password        ${first.signIn.password}   (shown this once)`
            : '  Password        as PARLEY_OWNER_PASSWORD says',
        ]
      : ['  Sign-in         with the password that the first start showed']),
    ...(first.demoNumber
      ? [
          '',
          `  ${first.demoWorkspace ?? 'The demo'} has the simulated number ${first.demoNumber}. Text it from the phone`,
          '  beside the inbox, or from another terminal:',
          '',
          '    npm run parley -- simulate text --from +15551230001 "What are your opening hours?"',
        ]
      : []),
    '',
    '  Ctrl-C stops it. Nothing leaves this machine in the demo.',
    '',
  ];
  return `${(first.demoNumber ? lines : lines.map((line) => line.replace(' Nothing leaves this machine in the demo.', ''))).join('\n')}\n`;
}

/** For the person who started a worker in a terminal. */
export function workerGreeting(url: string): string {
  return `\n  This worker of Parley is up at ${url} (/livez, /readyz, /metrics)\n\n  Ctrl-C stops it.\n\n`;
}

const logLine = z.object({
  level: z.string(),
  msg: z.string().default(''),
  timestamp: z.string().default(''),
  err: z.object({ type: z.string(), message: z.string() }).optional(),
  error: z.object({ type: z.string(), message: z.string() }).optional(),
});

/** A line of the JSON log as a sentence. */
export function plainLogLine(line: string): string {
  const parsed = logLine.safeParse(parseJson(line));
  if (!parsed.success) return line;
  const { level, msg, timestamp, err, error } = parsed.data;
  const cause = err ?? error;
  return `${timestamp.slice(11, 19)} ${level}: ${msg}${cause ? ` (${cause.type}: ${cause.message})` : ''}\n`;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
