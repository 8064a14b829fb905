// One question to one outside model: bounded in time, as a whole where it comes at once, to its first word and between words
// where it comes in pieces; tried again once where nothing was lost by it; its failures named.
import { setTimeout as pause } from 'node:timers/promises';
import { BrokenCircuitError, type CircuitBreakerPolicy, CircuitState } from 'cockatiel';
import { z } from 'zod';
import { failureOf, ModelFailure, mayPass, refusalOf } from './model-failure.ts';
import type { ChatAnswer, ChatEndpoint } from './runtime.ts';

/** A chat completion request but for the model: what is not known here goes along. */
export type ChatBody = Readonly<Record<string, unknown>> & { readonly messages: readonly object[] };

export interface Answer {
  readonly text: string;
  readonly finishReason: string;
  /** Null where the endpoint does not count. */
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  /** Null where it came at once. */
  readonly firstTokenMs: number | null;
  /** As it came, where it came at once. */
  readonly whole: Readonly<Record<string, unknown>> | null;
}

/** What one piece of an answer brings. */
export interface Delta {
  readonly text: string;
  /** Calls of tools and whatever else stands in it; null: nothing. */
  readonly other: Readonly<Record<string, unknown>> | null;
  /** It is the whole answer: the endpoint knows no pieces. */
  readonly atOnce?: true;
}

export interface AskOptions {
  /** For an answer that comes at once. */
  readonly timeoutMs: number;
  /** For one in pieces, however well it comes: far out. */
  readonly streamMs: number;
  /** An endpoint that sends more than this many pieces does not heed `max_tokens`: the answer ends there, as too long. */
  readonly piecesMax: number;
  readonly firstTokenMs: number;
  readonly betweenTokensMs: number;
  /** The caller's own end; when it comes, its reason is thrown and not a ModelFailure. */
  readonly signal: AbortSignal;
  /** Nobody else could answer: a refusal that may pass is waited out for a moment. */
  readonly patient: boolean;
  /** Before each request but the first, which its provider counts too. */
  readonly mayAskAgain: () => Promise<boolean>;
  /** Asks for the answer in pieces, and is called with each. */
  readonly onDelta?: (delta: Delta) => void;
}

const pauseMs = 250;
/** An endpoint that asks for a longer pause is passed over instead. */
const retryAfterMsMax = 1000;

/** Asks within the time limit, retries included. @throws ModelFailure */
export async function ask(
  endpoint: ChatEndpoint,
  policy: CircuitBreakerPolicy,
  body: ChatBody,
  options: AskOptions,
): Promise<Answer> {
  // The policy would let everybody wait for the probe, for as long as that may take.
  if (policy.state === CircuitState.HalfOpen) throw new ModelFailure('circuit_open');
  const started = performance.now();
  const timeLeftMs = (limitMs: number) => Math.max(1, Math.floor(started + limitMs - performance.now()));
  const askInTime = () =>
    askOnce(endpoint, body, {
      ...options,
      timeoutMs: timeLeftMs(options.timeoutMs),
      streamMs: timeLeftMs(options.streamMs),
    });
  try {
    return await policy.execute(async () => {
      try {
        return await askInTime();
      } catch (error) {
        // Where words have come, or may have been billed, another try would say or cost them twice.
        const isOver = !(error instanceof ModelFailure) || error.mayHaveCost || !mayPass(error.reason);
        if (isOver || !options.patient) throw error;
        const waitMs = error.retryAfterMs ?? pauseMs * (0.5 + Math.random());
        if (waitMs > retryAfterMsMax || waitMs * 2 > timeLeftMs(options.timeoutMs)) throw error;
        await pause(waitMs, undefined, { signal: options.signal });
        if (!(await options.mayAskAgain())) throw error;
        return await askInTime();
      }
    });
  } catch (error) {
    if (error instanceof BrokenCircuitError) throw new ModelFailure('circuit_open', { cause: error });
    throw error;
  }
}

/** Asks once. @throws ModelFailure */
export async function askOnce(endpoint: ChatEndpoint, body: ChatBody, options: AskOptions): Promise<Answer> {
  const { signal } = options;
  signal.throwIfAborted();
  const watch = new Watch(options);
  try {
    const streamed = options.onDelta !== undefined;
    const answer = await endpoint.chat(
      streamed ? { ...body, stream: true, stream_options: { include_usage: true } } : body,
      watch.signal,
    );
    if (answer.status === 200) return streamed ? await inPieces(answer, options, watch) : await whole(answer);
    await answer.json().catch(() => undefined);
    // An endpoint that knows no pieces, or cannot count them, has refused before it did anything.
    if (streamed && (answer.status === 400 || answer.status === 422))
      return await atOnce(endpoint, body, options, watch);
    throw refusalOf(answer.status, answer.headers);
  } catch (error) {
    signal.throwIfAborted();
    throw watch.failure() ?? failureOf(error, watch.begun);
  } finally {
    watch.end();
  }
}

async function atOnce(
  endpoint: ChatEndpoint,
  body: ChatBody,
  { onDelta, mayAskAgain }: AskOptions,
  watch: Watch,
): Promise<Answer> {
  watch.waitForAll();
  if (!(await mayAskAgain())) throw new ModelFailure('quota_exhausted');
  const answer = await endpoint.chat(body, watch.signal);
  if (answer.status !== 200) {
    await answer.json().catch(() => undefined);
    throw refusalOf(answer.status, answer.headers);
  }
  const read = await whole(answer);
  const { message } = completion.parse(read.whole).choices[0] ?? {};
  const { role: _, content: __, ...other } = message ?? {};
  onDelta?.({ text: read.text, other: hasAnything(other) ? other : null, atOnce: true });
  return read;
}

const usage = z.looseObject({
  prompt_tokens: z.number().int().min(0).nullish(),
  completion_tokens: z.number().int().min(0).nullish(),
});
const completion = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        message: z.looseObject({ content: z.string().nullish(), tool_calls: z.array(z.unknown()).nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: usage.nullish(),
});

async function whole(answer: ChatAnswer): Promise<Answer> {
  const read = completion.parse(await answer.json());
  const [choice] = read.choices;
  const finishReason = choice?.finish_reason ?? 'stop';
  const text = choice?.message.content ?? '';
  if (finishReason === 'content_filter') throw new ModelFailure('filtered');
  if (text.trim() === '' && !choice?.message.tool_calls?.length) throw new ModelFailure('empty_answer');
  return {
    text,
    finishReason,
    inputTokens: read.usage?.prompt_tokens ?? null,
    outputTokens: read.usage?.completion_tokens ?? null,
    firstTokenMs: null,
    whole: read,
  };
}

const chunk = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        delta: z.looseObject({ content: z.string().nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .default([]),
  usage: usage.nullish(),
  error: z.unknown().optional(),
});

async function inPieces(answer: ChatAnswer, options: AskOptions, watch: Watch): Promise<Answer> {
  let text = '';
  let finishReason: string | null = null;
  let counted: z.infer<typeof usage> | null = null;
  let firstTokenMs: number | null = null;
  let called = false;
  let pieces = 0;
  for await (const piece of answer.pieces()) {
    const read = chunk.parse(piece);
    if (read.error !== undefined && read.error !== null)
      throw new ModelFailure('provider_error', { begun: watch.begun });
    counted = read.usage ?? counted;
    const [choice] = read.choices;
    if (!choice) continue;
    finishReason = choice.finish_reason ?? finishReason;
    const { role: _, content, ...rest } = choice.delta ?? {};
    const other = hasAnything(rest) ? rest : null;
    if (!content && !other) continue;
    firstTokenMs ??= watch.sinceStart();
    watch.heard();
    called ||= 'tool_calls' in rest;
    text += content ?? '';
    options.onDelta?.({ text: content ?? '', other });
    pieces += 1;
    if (pieces < options.piecesMax) continue;
    finishReason = 'length';
    break;
  }
  options.signal.throwIfAborted();
  if (finishReason === null)
    throw new ModelFailure(watch.begun ? 'cut_off' : 'unreadable_answer', { begun: watch.begun });
  if (finishReason === 'content_filter') throw new ModelFailure('filtered');
  if (!watch.begun || (text.trim() === '' && finishReason === 'stop' && !called))
    throw new ModelFailure('empty_answer');
  return {
    text,
    finishReason,
    inputTokens: counted?.prompt_tokens ?? null,
    outputTokens: counted?.completion_tokens ?? null,
    firstTokenMs,
    whole: null,
  };
}

function hasAnything(delta: Readonly<Record<string, unknown>>): boolean {
  return Object.values(delta).some((value) => value !== null && value !== undefined && value !== '');
}

/** The time limits of one call, behind one signal. */
class Watch {
  readonly #controller = new AbortController();
  readonly #options: AskOptions;
  readonly #startedAt = performance.now();
  #whole: NodeJS.Timeout;
  #next: NodeJS.Timeout | undefined;
  #failure: ModelFailure | null = null;
  /** Words have come. */
  begun = false;

  constructor(options: AskOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', this.#abort, { once: true });
    this.#whole = setTimeout(this.#late, options.onDelta ? options.streamMs : options.timeoutMs);
    if (options.onDelta) this.#next = setTimeout(this.#late, options.firstTokenMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly #abort = () => this.#controller.abort(this.#options.signal.reason);
  readonly #late = () => {
    this.#failure = new ModelFailure('timed_out', { begun: this.begun });
    this.#controller.abort(this.#failure);
  };

  failure(): ModelFailure | null {
    return this.#failure;
  }

  sinceStart(): number {
    return performance.now() - this.#startedAt;
  }

  heard(): void {
    if (this.begun && this.#next) {
      this.#next.refresh();
      return;
    }
    this.begun = true;
    clearTimeout(this.#next);
    this.#next = setTimeout(this.#late, this.#options.betweenTokensMs);
  }

  /** No words are waited for one by one. */
  waitForAll(): void {
    clearTimeout(this.#next);
    clearTimeout(this.#whole);
    this.#whole = setTimeout(this.#late, this.#options.timeoutMs);
  }

  end(): void {
    clearTimeout(this.#whole);
    clearTimeout(this.#next);
    this.#options.signal.removeEventListener('abort', this.#abort);
  }
}
