// Reads a document in a process of its own, within limits of time, memory and length. Whatever happens to that process,
// its parent has an answer.
import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TrainingDataError, TrainingDataProgress } from '@parley/contract/training-data';
import { z } from 'zod';
import type { DocumentPart } from '../passages.ts';
import type { Said } from './main.ts';
import type { FileKind, ReadingError, TextHint } from './reader.ts';

export interface ReadingLimits {
  readonly timeoutMs: number;
  readonly memoryBytesMax: number;
  readonly charactersMax: number;
}

export const usualLimits = {
  timeoutMs: 60_000,
  memoryBytesMax: 512 * 1024 * 1024,
  charactersMax: 2_000_000,
} as const satisfies ReadingLimits;

export interface DocumentToRead {
  readonly bytes: Buffer;
  readonly kind: FileKind;
  readonly hint: TextHint;
  /** As a server named it; empty when nobody did. */
  readonly charset: string;
}

export interface ReadDocument {
  readonly title: string | null;
  /** What could be read, also where an error says what could not. */
  readonly parts: readonly DocumentPart[];
  readonly characters: number;
  readonly error: TrainingDataError | null;
}

export interface Reading {
  readonly limits: ReadingLimits;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TrainingDataProgress) => void;
}

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const pathTo = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const textPart = z.object({ page: z.number().int().optional(), text: z.string() });
const pairPart = z.object({ page: z.number().int().optional(), question: z.string(), answer: z.string() });
export const documentPart = z.union([textPart, pairPart]);
const said: z.ZodType<Said> = z.union([
  z.object({ part: documentPart as z.ZodType<DocumentPart> }),
  z.object({ title: z.string() }),
  z.object({
    progress: z.object({
      done: z.number().int(),
      of: z.number().int().nullable(),
      unit: z.enum(['pages', 'rows']),
    }),
  }),
  z.object({ pageFailed: z.number().int() }),
  z.object({ ended: z.enum(['done', 'unreadable', 'locked', 'too_much_memory']) }),
]);

/** What it cannot do: write, start programs, read anything but the code that it is made of, or see the environment. */
const confinement = [
  '--permission',
  '--allow-worker',
  `--allow-fs-read=${pathTo('../../../')}`,
  `--allow-fs-read=${pathTo('../../../../package.json')}`,
  `--allow-fs-read=${pathTo('../../../../../node_modules/')}`,
];

/** Escaped as JSON, with what stands around it. */
const bytesPerCharacterMax = 8;

type Stop = 'took_too_long' | 'too_much_text';

/** @throws only when the signal aborts */
export async function readInProcess(document: DocumentToRead, reading: Reading): Promise<ReadDocument> {
  const { limits, signal } = reading;
  signal.throwIfAborted();
  const heapMegabytes = Math.floor(limits.memoryBytesMax / 2 / 1024 / 1024);
  const child = spawn(
    process.execPath,
    [
      `--max-old-space-size=${heapMegabytes}`,
      ...confinement,
      main,
      document.kind,
      document.hint,
      document.charset,
      String(limits.memoryBytesMax),
    ],
    { env: {}, stdio: ['pipe', 'pipe', 'ignore'] },
  );
  // Answers to people go before it.
  if (child.pid !== undefined) lowerPriority(child.pid);
  let stopped: Stop | null = null;
  const stop = (why: Stop | null) => {
    stopped ??= why;
    child.kill('SIGKILL');
  };
  const onAbort = () => stop(null);
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => stop('took_too_long'), limits.timeoutMs);
  const gathered = new Gathered(limits.charactersMax, reading.onProgress, () => stop('too_much_text'));
  // A child that ended early takes no more input; how it ended is told below.
  child.stdin.on('error', () => undefined);
  child.stdin.end(document.bytes);
  let bytesLeft = limits.charactersMax * bytesPerCharacterMax;
  child.stdout.on('data', (chunk: Buffer) => {
    bytesLeft -= chunk.length;
    if (bytesLeft < 0) stop('too_much_text');
  });
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => gathered.take(line));
  try {
    await new Promise<void>((resolve) => {
      child.once('close', () => resolve());
      child.once('error', () => resolve());
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    lines.close();
  }
  signal.throwIfAborted();
  return gathered.result(stopped);
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It ended already, or the system does not let us.
  }
}

class Gathered {
  readonly #charactersMax: number;
  readonly #onProgress: (progress: TrainingDataProgress) => void;
  readonly #onTooMuch: () => void;
  readonly #parts: DocumentPart[] = [];
  #characters = 0;
  #title: string | null = null;
  #page: number | undefined;
  #firstFailed: number | undefined;
  #ended: 'done' | ReadingError['code'] | null = null;

  constructor(max: number, onProgress: (progress: TrainingDataProgress) => void, onTooMuch: () => void) {
    this.#charactersMax = max;
    this.#onProgress = onProgress;
    this.#onTooMuch = onTooMuch;
  }

  take(line: string): void {
    const parsed = said.safeParse(parseOrNull(line));
    if (!parsed.success) return;
    const { data } = parsed;
    if ('part' in data) {
      this.#characters +=
        'text' in data.part ? data.part.text.length : data.part.question.length + data.part.answer.length;
      if (this.#characters > this.#charactersMax) this.#onTooMuch();
      else this.#parts.push(data.part);
    } else if ('title' in data) this.#title = data.title.trim() || null;
    else if ('pageFailed' in data) this.#firstFailed ??= data.pageFailed;
    else if ('ended' in data) this.#ended = data.ended;
    else {
      if (data.progress.unit === 'pages') this.#page = data.progress.done + 1;
      this.#onProgress(data.progress);
    }
  }

  result(stopped: Stop | null): ReadDocument {
    const error = this.#error(stopped);
    // What is too long is not taken in part: nobody could say which half the assistant knows.
    const tooMuch = error?.code === 'too_much_text';
    return {
      title: this.#title,
      parts: tooMuch ? [] : this.#parts,
      characters: tooMuch ? 0 : this.#characters,
      error,
    };
  }

  #error(stopped: Stop | null): TrainingDataError | null {
    const page = this.#page;
    if (stopped === 'too_much_text' || this.#characters > this.#charactersMax)
      return readingError('too_much_text');
    if (stopped) return readingError(stopped, page);
    // Nobody else ends it: it had reached the end of its memory.
    if (this.#ended === null) return readingError('too_much_memory', page);
    if (this.#ended !== 'done') return readingError(this.#ended);
    if (this.#firstFailed !== undefined) return readingError('page_unreadable', this.#firstFailed);
    return this.#characters === 0 ? readingError('no_text') : null;
  }
}

const sentences = {
  unreadable: 'It could not be read: it is damaged, or not what it seems to be.',
  page_unreadable: 'Could not read page',
  locked: 'It is locked with a password. Upload it without one.',
  no_text: 'There is no text in it. Scanned pages are pictures: give it with its text recognised.',
  took_too_long: 'Reading it took too long.',
  too_much_memory: 'Reading it needs too much memory.',
  too_much_text: 'It has more text than there is room for. Split it, or remove something else.',
} as const;

function readingError(code: keyof typeof sentences, page?: number): TrainingDataError {
  if (page === undefined) return { code, message: sentences[code] };
  const reason = code === 'page_unreadable' ? '' : ` ${sentences[code]}`;
  return { code, message: `Could not read page ${page}.${reason}`, page };
}

function parseOrNull(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
