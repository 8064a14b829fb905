// Answers by models: chooses who is asked, bounds it in time and money, and falls back to the built-in model, which is
// local, free and always there.
import type { LanguageModelV4Message } from '@ai-sdk/provider';
import type { Capability, ModelTest } from '@parley/contract/models';
import type { LatencyClass, Sensitivity } from '@parley/contract/routing';
import type { ModelReason } from '@parley/contract/runs';
import type { Context, TransactionContext } from '../../core/context.ts';
import type { Kernel } from '../../core/kernel.ts';
import { askedParts, asksForPerson, handOverSentence, isSmallTalk, rankForPart } from './asked.ts';
import type { Answer, Delta } from './asking.ts';
import { noteSpent, reserve, settle } from './budget.ts';
import { findModel, knownCatalogue, readCatalogue } from './catalogue.ts';
import { readEnvironmentModels } from './environment.ts';
import { askModels, askOne, type ModelQuestion, type Outcome, outsideMsMax } from './generate.ts';
import { explain } from './model-failure.ts';
import {
  composePrompt,
  type HistoryMessage,
  type Prompt,
  type PromptInput,
  type PromptMessage,
  readAnswer,
  type Supports,
} from './prompt.ts';
import { builtInName, writeReceipt } from './routing-settings.ts';
import { createRuntime, inferenceRuntime, type ModelEndpoints } from './runtime.ts';
import {
  CallCollector,
  exchangeMessages,
  type OfferedTool,
  type ToolCall,
  type ToolExchange,
  toWire,
} from './tool-calls.ts';

export { type ChatTurn, composeChatPrompt, readChatAnswer } from './chat-prompt.ts';
export { ownWords, quoteData } from './prompt.ts';
export {
  askedParts,
  asksForPerson,
  builtInName,
  findModel,
  type HistoryMessage,
  handOverSentence,
  inferenceRuntime,
  isSmallTalk,
  type OfferedTool,
  type Prompt,
  rankForPart,
  type Sensitivity,
  type Supports,
  type ToolCall,
  type ToolExchange,
};

/** @throws ConfigError for models of the environment that cannot be */
export function createInferenceRuntime(kernel: Kernel, endpoints: ModelEndpoints) {
  const environmentModels = readEnvironmentModels(kernel.config, kernel.clock.date());
  return createRuntime(kernel, { endpoints, environmentModels });
}

/** Whom to ask, for what, and within which bounds. */
export interface Asking {
  readonly sensitivity: Sensitivity;
  /** Null: the built-in one. */
  readonly preferredModelId: string | null;
  /** What the money is spent on, e.g. `run`. */
  readonly purpose: string;
  readonly signal: AbortSignal;
  /** Called with all that a model outside has written so far, again and again; from the start when the built-in one is asked. */
  readonly onText?: (text: string) => void;
  /** `message` when absent. */
  readonly latencyClass?: LatencyClass;
  /** What a model must be able to do, besides to chat. */
  readonly needs?: readonly Capability[];
  /** Who is answered, for caps and for what it has cost. */
  readonly conversationId?: string;
  readonly contactId?: string;
}

export interface ComposedAnswer extends GeneratedAnswer {
  /** A person is needed; `text` is then the honest sentence, after what could be answered. */
  readonly handOver: boolean;
  /** Positions in the question's passages that the answer names as its sources. */
  readonly cited: ReadonlySet<number>;
}

/**
 * Puts a conversation before the models and reads what they make of it. In a transaction only where no model is preferred:
 * then nobody outside is asked.
 * @param generate who answers the prompt: one model, or a loop that uses tools, which may add to the question's passages.
 */
export async function composeAnswer(
  ctx: Context,
  question: Omit<PromptInput, 'now'>,
  asking: Asking,
  generate: (ctx: Context, request: GenerateRequest) => Promise<GeneratedAnswer> = generateAnswer,
): Promise<ComposedAnswer> {
  const prompt = composePrompt({ ...question, now: ctx.clock.date() });
  const { onText } = asking;
  const generated = await generate(ctx, {
    ...asking,
    prompt,
    language: question.language,
    ...(onText ? { onText: (text: string) => onText(readAnswer(withoutOpenMark(text)).answer) } : {}),
  });
  const { answer, handOver, citedPassages } = readAnswer(generated.text);
  const cited = citedPassages
    .map((name) => Number(name.slice(1)) - 1)
    .filter((at) => at in question.passages);
  const text = answer || handOverSentence(question.language);
  return { ...generated, text, handOver, cited: new Set(cited) };
}

/** Without the mark that is just being written at its end. */
function withoutOpenMark(text: string): string {
  return text.replace(/\[[^\]]*\]?$/, '');
}

export interface GenerateRequest extends Asking {
  readonly prompt: Prompt;
  /** What it is asked in. */
  readonly language: string;
  /** What may be called; absent: nothing. A model that cannot call tools answers without. */
  readonly tools?: readonly OfferedTool[];
  /** The turns so far in which tools were called; absent: none. */
  readonly exchanges?: readonly ToolExchange[];
  /** It has called enough: this turn is the answer. */
  readonly mustAnswer?: boolean;
}

export interface GeneratedAnswer {
  /** Empty where a person is to answer, or where tools are called first. */
  readonly text: string;
  /** What the model wants to know or do before it answers. */
  readonly calls: readonly ToolCall[];
  /** The name of the model that answered; null: none did, a person is called. */
  readonly model: string | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costMicros: number;
  /** Every model that was thought of, in order. */
  readonly reasons: readonly ModelReason[];
  readonly durationMs: number;
}

/**
 * Asks the models in their order until one answers; the built-in one is the last, unless the workspace wants a person
 * then. In a transaction only where no model is preferred: then nobody outside is asked.
 * @throws the signal's reason when it aborts; whatever the built-in model throws
 */
export async function generateAnswer(ctx: Context, request: GenerateRequest): Promise<GeneratedAnswer> {
  const started = performance.now();
  const durationMs = () => Math.round(performance.now() - started);
  if (request.preferredModelId === null) {
    const { reason, ...answer } = await askBuiltIn(ctx, request, 'preferred');
    return { ...answer, model: builtInName, costMicros: 0, reasons: [reason], durationMs: durationMs() };
  }
  const catalogue = await knownCatalogue(ctx);
  const collector = new CallCollector();
  const outcome = await askModels(ctx, catalogue, toQuestion(ctx, request, collector));
  const { costMicros } = outcome;
  if (outcome.answer && outcome.model) {
    return {
      text: outcome.answer.text.trim(),
      calls: request.mustAnswer ? [] : callsOf(outcome.answer, collector),
      model: outcome.model.name,
      inputTokens: outcome.inputTokens,
      outputTokens: outcome.outputTokens,
      costMicros,
      reasons: outcome.reasons,
      durationMs: durationMs(),
    };
  }
  const wantsPerson = outcome.capped === 'stop' || catalogue.routing.lastResort === 'person';
  if (wantsPerson || (request.needs ?? []).length > 0) return callPerson(ctx, request, outcome, durationMs());
  const { reason, ...answer } = await askBuiltIn(ctx, request, 'fallback');
  return {
    ...answer,
    model: builtInName,
    costMicros,
    reasons: [...outcome.reasons, reason],
    durationMs: durationMs(),
  };
}

function callsOf({ whole }: Answer, collector: CallCollector): ToolCall[] {
  const choices = (whole?.choices ?? []) as readonly { message: Delta['other'] }[];
  if (choices[0]) collector.take(choices[0].message);
  return collector.calls();
}

function toQuestion(ctx: Context, request: GenerateRequest, collector: CallCollector): ModelQuestion {
  const { prompt, onText, exchanges = [], tools = [] } = request;
  const told = exchanges.flatMap(({ results }) => [...results.values()]);
  let text = '';
  let writer: unknown = null;
  return {
    body: {
      messages: [
        { role: 'system', content: prompt.instructions },
        ...prompt.messages.map(onTheWire),
        ...exchangeMessages(exchanges),
      ],
    },
    ...(tools.length > 0
      ? { tools: { tools: toWire(tools), ...(request.mustAnswer ? { tool_choice: 'none' } : {}) } }
      : {}),
    callsMayBeLost: true,
    outputTokensMax: null,
    sensitivity: request.sensitivity,
    texts: [...prompt.messages.flatMap(({ role, content }) => (role === 'user' ? [content] : [])), ...told],
    language: request.language,
    // What was called before can be read by those that call tools themselves.
    needs: [...new Set([...(request.needs ?? []), ...(exchanges.length > 0 ? (['tools'] as const) : [])])],
    latencyClass: request.latencyClass ?? 'message',
    preferredModelId: request.preferredModelId,
    automatic: false,
    inputTokensMax: tokensMax(prompt, tools, exchangeMessages(exchanges)),
    purpose: request.purpose,
    // A workspace has one assistant, which is known by the workspace's id.
    assistantId: request.purpose === 'run' || request.purpose === 'chat' ? ctx.workspaceId : null,
    conversationId: request.conversationId ?? null,
    contactId: request.contactId ?? null,
    signal: request.signal,
    ...(onText
      ? {
          onDelta: (delta, model) => {
            if (writer !== model) collector.forget();
            writer = model;
            // What came at once is read from the whole.
            if (!delta.atOnce) collector.take(delta.other);
            text += delta.text;
            if (!delta.atOnce) onText(text);
          },
          onWord: (begun) => onText(text + begun),
        }
      : {}),
  };
}

/** No model answers: nothing of what was asked goes anywhere, and where it was private, a receipt says so. */
async function callPerson(
  ctx: Context,
  request: GenerateRequest,
  outcome: Outcome,
  durationMs: number,
): Promise<GeneratedAnswer> {
  const { label, costMicros, inputTokens, outputTokens } = outcome;
  const reasons: ModelReason[] = [
    ...outcome.reasons,
    {
      modelId: null,
      model: builtInName,
      decision: 'skipped',
      reason: 'person_instead',
      step: outcome.capped === 'stop' ? 'cost' : 'order',
      durationMs: 0,
    },
  ];
  if (label.sensitivity === 'private') {
    const because = [...label.because];
    await writeReceipt(ctx, {
      purpose: request.purpose,
      conversationId: request.conversationId ?? null,
      because,
      reasons,
    });
  }
  return { text: '', calls: [], model: null, inputTokens, outputTokens, costMicros, reasons, durationMs };
}

// Not through the AI SDK's generateText: its timers, retries and tools take longer than this model does.
async function askBuiltIn(
  ctx: Context,
  { prompt, signal, tools = [], exchanges = [], mustAnswer }: GenerateRequest,
  reason: 'preferred' | 'fallback',
) {
  signal.throwIfAborted();
  const started = performance.now();
  const { builtIn, seconds } = ctx.use(inferenceRuntime);
  const { content, usage } = await builtIn.doGenerate({
    prompt: [
      { role: 'system', content: prompt.instructions },
      ...prompt.messages.map(({ role, content: text }) => ({
        role,
        content: [{ type: 'text' as const, text }],
      })),
      ...exchanges.flatMap(toBuiltInPrompt),
    ],
    tools: tools.map(({ name, description, parameters }) => ({
      type: 'function',
      name,
      description,
      inputSchema: parameters,
    })),
    toolChoice: { type: mustAnswer ? 'none' : 'auto' },
  });
  const durationMs = performance.now() - started;
  seconds.observe({ kind: 'built_in', outcome: 'answered' }, durationMs / 1000);
  return {
    text: content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    calls: content.flatMap((part) =>
      part.type === 'tool-call' ? [{ id: part.toolCallId, name: part.toolName, input: part.input }] : [],
    ),
    inputTokens: usage.inputTokens.total ?? 0,
    outputTokens: usage.outputTokens.total ?? 0,
    reason: {
      modelId: null,
      model: builtInName,
      decision: 'answered',
      reason,
      step: 'order',
      durationMs: Math.round(durationMs),
    } satisfies ModelReason,
  };
}

function toBuiltInPrompt({ calls, results }: ToolExchange): LanguageModelV4Message[] {
  return [
    {
      role: 'assistant',
      content: calls.map(({ id, name, input }) => ({
        type: 'tool-call',
        toolCallId: id,
        toolName: name,
        input,
      })),
    },
    {
      role: 'tool',
      content: calls.map(({ id, name }) => ({
        type: 'tool-result',
        toolCallId: id,
        toolName: name,
        output: { type: 'text', value: results.get(id) ?? '' },
      })),
    },
  ];
}

/** As the endpoint takes it: with pictures, in parts. */
function onTheWire({ role, content, pictures = [] }: PromptMessage): object {
  if (pictures.length === 0) return { role, content };
  const parts = pictures.map(({ contentType, base64 }) => ({
    type: 'image_url',
    image_url: { url: `data:${contentType};base64,${base64}` },
  }));
  return { role, content: [...(content === '' ? [] : [{ type: 'text', text: content }]), ...parts] };
}

/** What the most expensive of the models that see makes of one. */
const tokensOfPictureMax = 50_000;

/** No tokeniser makes more tokens than there are bytes; the JSON around the messages stands for a template's own. */
function tokensMax({ instructions, messages }: Prompt, ...others: readonly unknown[]): number {
  const words = messages.map(({ role, content }) => ({ role, content }));
  const pictures = messages.reduce((count, message) => count + (message.pictures?.length ?? 0), 0);
  return Buffer.byteLength(JSON.stringify([instructions, words, ...others])) + pictures * tokensOfPictureMax;
}

/** What the assistant is about to send by SMS. */
export interface SegmentSpending {
  readonly purpose: string;
  readonly conversationId: string;
  readonly contactId: string;
  readonly segments: number;
}

/**
 * Spends segments in the transaction that makes the message, under the caps on them. Returns whether there was room. What
 * is sent may still be refused by the carrier: it stays counted.
 */
export async function spendSegments(tx: TransactionContext, sms: SegmentSpending): Promise<boolean> {
  const known = tx.use(inferenceRuntime).catalogues.peek(tx.workspaceId) ?? (await readCatalogue(tx));
  const { segments, ...whom } = sms;
  const spending = { kind: 'sms' as const, modelId: null, model: null, assistantId: tx.workspaceId, ...whom };
  const amounts = { money: 0, tokens: 0, segments };
  const spent = { costMicros: 0, inputTokens: 0, outputTokens: 0, segments };
  if (known.caps.some(({ unit }) => unit === 'segments')) {
    const held = await reserve(tx, known.caps, spending, amounts);
    if ('refused' in held) return false;
    await settle(tx, held, spent);
  } else await noteSpent(tx, spending, spent);
  return true;
}

/** Brings what caps need into memory. Not for use in a transaction. */
export async function prepareSpending(ctx: Context): Promise<void> {
  await knownCatalogue(ctx);
}

const trial: Prompt = {
  instructions: 'You are being tested. Answer with one word.',
  messages: [{ role: 'user', content: 'Say hello.' }],
};

/** Characters of its answer. */
const shownMax = 300;

/** Asks a model something short, whether it is enabled or not, under the same budget. @throws ParleyError 404 */
export async function testModel(ctx: Context, modelId: string): Promise<ModelTest> {
  const [model, catalogue] = await ctx.transaction(async (tx) => [
    await findModel(tx, modelId),
    await readCatalogue(tx),
  ]);
  const question = toQuestion(
    ctx,
    {
      prompt: trial,
      sensitivity: 'normal',
      preferredModelId: modelId,
      purpose: 'test',
      language: 'en',
      signal: AbortSignal.timeout(outsideMsMax),
    },
    new CallCollector(),
  );
  const attempt = await askOne(ctx, catalogue, model, question);
  const { durationMs } = attempt;
  return attempt.answer
    ? {
        ok: true,
        code: 'ok',
        message: 'It answers.',
        answer: attempt.answer.text.trim().slice(0, shownMax),
        durationMs,
      }
    : { ok: false, code: attempt.reason, message: explain(attempt.reason), answer: null, durationMs };
}
