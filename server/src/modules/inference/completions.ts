// The router for other programs, in OpenAI's words: what they ask goes on as it is, to the model that the router chooses,
// and what comes back is made to look like one model's answer, whoever gave it.
import type { Capability } from '@parley/contract/models';
import type { ModelReason } from '@parley/contract/runs';
import { z } from 'zod';
import type { Context } from '../../core/context.ts';
import { ParleyError } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import type { Answer, ChatBody, Delta } from './asking.ts';
import { knownCatalogue } from './catalogue.ts';
import { askModels, type ModelQuestion, type Outcome } from './generate.ts';
import { tokensOfPictureMax } from './request.ts';
import { writeReceipt } from './routing-settings.ts';
import type { Catalogue, KnownModel } from './runtime.ts';

/** The name by which a program leaves the choice to the router. */
export const automaticModel = 'auto';

const part = z.looseObject({ type: z.string(), text: z.string().optional() });
const tokens = z.number().int().min(1).nullish();

/** What is not named here goes on to the model. */
export const completionRequest = z.looseObject({
  /** `auto`, or a model's name or id. */
  model: z.string().min(1).max(200),
  messages: z
    .array(
      z.looseObject({
        role: z.enum(['developer', 'system', 'user', 'assistant', 'tool', 'function']),
        content: z.union([z.string(), z.array(part), z.null()]).optional(),
      }),
    )
    .min(1)
    .max(2_000),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  max_tokens: tokens,
  max_completion_tokens: tokens,
  n: z.literal(1).nullish(),
  tools: z.array(z.unknown()).max(200).nullish(),
  service_tier: z.string().nullish(),
});
export type CompletionRequest = z.infer<typeof completionRequest>;

type Messages = CompletionRequest['messages'];

/** @throws ParleyError 404 for a model that is not here */
export async function openQuestion(
  ctx: Context,
  request: CompletionRequest,
  signal: AbortSignal,
): Promise<{ catalogue: Catalogue; question: ModelQuestion }> {
  const catalogue = await knownCatalogue(ctx);
  const {
    model,
    stream,
    stream_options: _,
    n: __,
    max_tokens,
    max_completion_tokens,
    service_tier,
    ...rest
  } = request;
  const preferred = catalogue.models.find(
    ({ id, name, enabled }) => enabled && (name === model || id === model),
  );
  if (!preferred && model !== automaticModel) {
    throw new ParleyError({
      status: 404,
      code: 'model_not_found',
      message: `There is no model called ${model} here. GET /v1/models lists those that there are.`,
    });
  }
  const question: ModelQuestion = {
    body: rest as ChatBody,
    outputTokensMax: max_completion_tokens ?? max_tokens ?? null,
    sensitivity: 'normal',
    texts: textsOf(request.messages),
    language: 'unknown',
    needs: needsOf(request),
    latencyClass: service_tier === 'flex' ? 'batch' : stream ? 'live' : 'message',
    preferredModelId: preferred?.id ?? null,
    automatic: true,
    inputTokensMax: tokensMax(rest),
    purpose: 'api',
    conversationId: null,
    contactId: null,
    signal,
  };
  return { catalogue, question };
}

/** As for our own questions: no more tokens than bytes, and pictures by their number, whatever their size. */
function tokensMax({ messages, ...others }: Pick<CompletionRequest, 'messages'>): number {
  let pictures = 0;
  const words = messages.map(({ content, ...message }) => {
    if (!Array.isArray(content)) return { ...message, content };
    const parts = content.map(({ image_url, ...part }) => {
      if (part.type !== 'image_url') return { ...part, image_url };
      pictures += 1;
      return part;
    });
    return { ...message, content: parts };
  });
  return Buffer.byteLength(JSON.stringify([words, others])) + pictures * tokensOfPictureMax;
}

function textsOf(messages: Messages): string[] {
  return messages.flatMap(({ content, tool_calls, function_call }) => [
    ...(typeof content === 'string'
      ? [content]
      : (content ?? []).flatMap(({ text }) => (text ? [text] : []))),
    ...textsIn([tool_calls, function_call]),
  ]);
}

/** Calls go on in whatever form a program sends them, so all of it counts but ids, whose digits mean nothing. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === 'id' ? [] : textsIn(inner)));
}

function needsOf({ messages, tools }: CompletionRequest): Capability[] {
  const seesPictures = messages.some(
    ({ content }) => Array.isArray(content) && content.some(({ type }) => type === 'image_url'),
  );
  return [...(tools?.length ? (['tools'] as const) : []), ...(seesPictures ? (['vision'] as const) : [])];
}

/** A whole answer. @throws ParleyError when no model gave one */
export async function complete(
  ctx: Context,
  request: CompletionRequest,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const { catalogue, question } = await openQuestion(ctx, request, signal);
  const outcome = await askModels(ctx, catalogue, question);
  if (!outcome.answer?.whole || !outcome.model) throw await refusalOf(ctx, outcome);
  const { whole } = outcome.answer;
  const choices = whole.choices as readonly { message: object }[];
  return {
    ...whole,
    ...head(whole, outcome.model),
    object: 'chat.completion',
    choices: choices.map((choice, index) => ({
      logprobs: null,
      finish_reason: 'stop',
      ...choice,
      index,
      message: { content: null, refusal: null, ...choice.message, role: 'assistant' },
    })),
  };
}

function head(from: { readonly id?: unknown; readonly created?: unknown }, { name }: KnownModel) {
  return {
    id: typeof from.id === 'string' ? from.id : `chatcmpl-${newId()}`,
    created: Number.isInteger(from.created) ? from.created : Math.floor(Date.now() / 1000),
    model: name,
  };
}

/**
 * An answer in pieces, each as one event's data. Nothing is written before the first words are there, so that what fails
 * before is a refusal like any other.
 * @throws ParleyError when no model began
 */
export async function stream(
  ctx: Context,
  request: CompletionRequest,
  signal: AbortSignal,
  write: (data: string) => void,
): Promise<void> {
  const { catalogue, question } = await openQuestion(ctx, request, signal);
  const created = Math.floor(Date.now() / 1000);
  let opened: { id: string; created: number; model: string } | null = null;
  const send = (model: KnownModel, choices: unknown[], tail: object = {}) => {
    // A client sees one answer: who goes on with it does not change its name.
    opened ??= { id: `chatcmpl-${newId()}`, created, model: model.name };
    write(JSON.stringify({ ...opened, object: 'chat.completion.chunk', choices, ...tail }));
  };
  const choice = (delta: object, finish: string | null) => ({
    index: 0,
    delta,
    logprobs: null,
    finish_reason: finish,
  });
  const onDelta = ({ text, other }: Delta, model: KnownModel) => {
    const delta = { ...(text === '' ? {} : { content: text }), ...other };
    send(model, [choice(opened ? delta : { role: 'assistant', content: '', ...delta }, null)]);
  };
  const outcome = await askModels(ctx, catalogue, { ...question, onDelta });
  if (!outcome.answer || !outcome.model) {
    const refusal = await refusalOf(ctx, outcome);
    if (!opened) throw refusal;
    write(JSON.stringify(toOpenAiError(refusal)));
    return;
  }
  send(outcome.model, [choice({}, outcome.answer.finishReason)]);
  if (request.stream_options?.include_usage)
    send(outcome.model, [], { usage: usageOf(outcome.answer, outcome) });
  write('[DONE]');
}

function usageOf(answer: Answer, outcome: Outcome) {
  const prompt = answer.inputTokens ?? outcome.inputTokens;
  const completion = answer.outputTokens ?? outcome.outputTokens;
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

const refusals = {
  private_content: {
    status: 403,
    message: 'This is private content, and no local model answered: it went nowhere.',
  },
  budget_exhausted: { status: 429, message: 'The budget has no room for it.' },
  quota_exhausted: {
    status: 429,
    message: 'Every model has been asked as often as its provider allows for now.',
  },
  price_unknown: {
    status: 403,
    message: 'A cap on money keeps models without a price from being asked.',
  },
  unsupported: { status: 400, message: 'No model can do what is asked.' },
  no_model: { status: 503, message: 'No model answered.' },
} as const;

/** Why no model answered, in the one code that a program can act on. Private content leaves a receipt. */
async function refusalOf(ctx: Context, { label, reasons, capped, said }: Outcome): Promise<ParleyError> {
  const of = (...codes: string[]) => reasons.filter(({ reason }) => codes.includes(reason));
  const unable = of('lacks_capability', 'lacks_language');
  const code =
    label.sensitivity === 'private'
      ? 'private_content'
      : capped !== null
        ? 'budget_exhausted'
        : reasons.length > 0 && of('quota_exhausted').length === reasons.length
          ? 'quota_exhausted'
          : reasons.length > 0 && unable.length === reasons.length
            ? 'unsupported'
            : reasons.length > 0 && of('price_unknown').length === reasons.length
              ? 'price_unknown'
              : 'no_model';
  if (code === 'private_content') {
    await writeReceipt(ctx, {
      purpose: 'api',
      conversationId: null,
      because: [...label.because],
      reasons: [...reasons],
    });
  }
  const { status, message } = refusals[code];
  const told = reasons.map((reason: ModelReason) => `${reason.model}: ${reason.reason}`).join('; ');
  return new ParleyError({
    status,
    code,
    message: `${said === '' ? message : 'The answer was cut off, and no model could go on with it.'}${told ? ` (${told})` : ''}`,
    // The router has tried whom there is.
    headers: { 'x-should-retry': 'false' },
  });
}

/** An error in OpenAI's shape. */
export function toOpenAiError({ status, code, message, details }: ParleyError) {
  const types: Record<number, string> = {
    401: 'authentication_error',
    403: 'permission_error',
    429: code === 'budget_exhausted' ? 'insufficient_quota' : 'rate_limit_error',
  };
  const [first] = details ?? [];
  return {
    error: {
      message: first ? `${message} ${first.path}: ${first.message}` : message,
      type: types[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error'),
      param: first ? first.path.replace(/^body\.?/, '') || null : null,
      code,
    },
  };
}

/** The models that a program may name. */
export async function listAsOpenAi(ctx: Context) {
  const { models } = await knownCatalogue(ctx);
  const described = models
    .filter(({ enabled }) => enabled)
    .map(({ name, origin, createdAt }) => ({
      id: name,
      object: 'model' as const,
      created: Math.floor(createdAt.getTime() / 1000),
      owned_by: origin,
    }));
  const automatic = { id: automaticModel, object: 'model' as const, created: 0, owned_by: 'parley' };
  return { object: 'list' as const, data: [automatic, ...described] };
}
