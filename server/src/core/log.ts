// JSON logs, one line a fact. Telephone numbers are masked here, whoever logs them; content is never passed in.
import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

const phonePattern = /\+?\d[\d\s().-]{6,18}\d/g;
const identifierPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-|^[A-Z]{2}[0-9a-f]{32}$|^\d{4}-\d{2}-\d{2}/;

/** Keeps two digits at the end of anything shaped like a telephone number: `+15551230001` → `+15•••01`. */
export function maskPhones(text: string): string {
  return text.replace(phonePattern, (match) => {
    const digits = match.replace(/\D/g, '');
    if (digits.length < 8 || digits.length > 15) return match;
    return `${match.startsWith('+') ? '+' : ''}${digits.slice(0, 2)}•••${digits.slice(-2)}`;
  });
}

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

/** Database drivers put the values of a failed query into the message and its properties: neither may reach a log. */
export function serializeError(error: unknown, depth = 0): SerializedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an Error' };
  const code = (error as { code?: unknown }).code;
  const query = 'query' in error || error.message.startsWith('Failed query');
  return {
    type: error.name,
    message: query ? 'a database query failed' : maskPhones(error.message),
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.stack && !query ? { stack: error.stack.split('\n').slice(1, 12).join('\n') } : {}),
    ...(error.cause && depth < 3 ? { cause: serializeError(error.cause, depth + 1) } : {}),
  };
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
          const masked = parameters.map((parameter) =>
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
