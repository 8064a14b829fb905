// JSON logs, one line a fact. Telephone numbers are masked here, whoever logs them; content is never passed in.
import { type DestinationStream, type Logger, pino } from 'pino';
import { maskPhones } from './mask-phones.ts';

export type { Logger } from 'pino';

const identifierPattern =
  /^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[A-Z]{2}[0-9a-f]{32}|\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z?)?)$/;

function maskValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return identifierPattern.test(value) ? value : maskPhones(value);
  if (value === null || typeof value !== 'object' || depth > 4) return value;
  if (value instanceof Date || value instanceof Error) return value;
  if (Array.isArray(value)) return value.map((item) => maskValue(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskValue(item, depth + 1)]));
}

interface SerializedError {
  type: string;
  message: string;
  code?: string;
  stack?: string;
  cause?: SerializedError;
}

/** What a message may not be shown of, because the value at fault stands in it; what is said instead. */
function hiddenMessage(error: Error): string | null {
  // Drizzle's and PGlite's errors carry the query and its values.
  if ('query' in error || error.message.startsWith('Failed query')) return 'a database query failed';
  // PostgreSQL quotes the value at fault in data exceptions (class 22); names of constraints are harmless.
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && /^22[0-9A-Z]{3}$/.test(code)) return 'a value does not suit the database';
  // V8 quotes what it could not parse.
  if (error instanceof SyntaxError) return 'something could not be parsed';
  return null;
}

/** Errors that come from outside carry content in their messages and properties: neither may reach a log. */
export function serializeError(error: unknown, depth = 0): SerializedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an Error' };
  const code = (error as { code?: unknown }).code;
  const hidden = hiddenMessage(error);
  const stack = error.stack?.split('\n').filter((line) => line.startsWith('    at '));
  return {
    type: error.name,
    message: hidden ?? maskPhones(error.message),
    ...(typeof code === 'string' ? { code } : {}),
    ...(stack ? { stack: stack.slice(0, 11).join('\n') } : {}),
    ...(error.cause && depth < 3 ? { cause: serializeError(error.cause, depth + 1) } : {}),
  };
}

/** Left to itself, pino takes the message of an error that is logged without one, as it is. */
function withMessage(parameters: readonly unknown[]): readonly unknown[] {
  const [first, ...rest] = parameters;
  const fields = first instanceof Error ? { err: first } : (first as { err?: unknown } | null | undefined);
  const error = fields?.err;
  return error instanceof Error && typeof rest[0] !== 'string'
    ? [fields, serializeError(error).message]
    : parameters;
}

export function createLogger(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { service: 'parley' },
      messageKey: 'msg',
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: {
        level: (label) => ({ level: label }),
        log: (object) => maskValue(object, 0) as Record<string, unknown>,
      },
      serializers: { err: (error) => serializeError(error), error: (error) => serializeError(error) },
      hooks: {
        logMethod(parameters, method) {
          const masked = withMessage(parameters).map((parameter) =>
            typeof parameter === 'string' ? maskPhones(parameter) : parameter,
          ) as typeof parameters;
          method.apply(this, masked);
        },
      },
      redact: {
        paths: [
          'authorization',
          'cookie',
          'password',
          'token',
          'secret',
          '*.authorization',
          '*.cookie',
          '*.password',
          '*.token',
          '*.secret',
        ],
        censor: '[removed]',
      },
    },
    destination ?? pino.destination({ dest: 1, sync: false }),
  );
}
