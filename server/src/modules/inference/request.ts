// What is asked of a model, and as what it goes to one outside.
import type { SpendingPurpose } from '@parley/contract/budgets';
import type { Capability } from '@parley/contract/models';
import type { LatencyClass, Sensitivity } from '@parley/contract/routing';
import type { ModelReason } from '@parley/contract/runs';
import type { Answer, Delta } from './asking.ts';
import type { ModelQuestion } from './generate.ts';
import type { Prompt, PromptMessage } from './prompt.ts';
import {
  type CallCollector,
  exchangeMessages,
  type OfferedTool,
  type ToolCall,
  type ToolExchange,
  toWire,
} from './tool-calls.ts';

/** Whom to ask, for what, and within which bounds. */
export interface Asking {
  readonly sensitivity: Sensitivity;
  /** Null: the built-in one. */
  readonly preferredModelId: string | null;
  /** What the money is spent on, e.g. `run`. */
  readonly purpose: SpendingPurpose;
  readonly signal: AbortSignal;
  /** Called with all that a model outside has written so far, again and again; from the start when the built-in one is asked. */
  readonly onText?: (text: string) => void;
  /**
   * Whoever hears `onText` keeps what it said: an answer that is cut off, and that nobody can go on with, ends there.
   * Otherwise nothing half is given: another answer, or none.
   */
  readonly keepsCutOff?: boolean;
  /** `message` when absent. */
  readonly latencyClass?: LatencyClass;
  /** What a model must be able to do, besides to chat. */
  readonly needs?: readonly Capability[];
  /** Who is answered, for caps and for what it has cost. */
  readonly conversationId?: string;
  readonly contactId?: string;
}

export interface GenerateRequest extends Asking {
  readonly prompt: Prompt;
  /** What it is asked in. */
  readonly language: string;
  /** What may be called; absent: nothing. A model that cannot call tools answers without. */
  readonly tools?: readonly OfferedTool[];
  /** The turns so far in which tools were called; absent: none. */
  readonly exchanges?: readonly ToolExchange[];
  /** The passages that stand in the instructions: private only where the workspace looks for it there. */
  readonly knowledge?: readonly string[];
  /** Words of others that stand in the instructions: they are as private as what it is asked. */
  readonly alsoRead?: readonly string[];
  /** It has called enough: this turn is the answer. */
  readonly mustAnswer?: boolean;
}

export interface GeneratedAnswer {
  /** Empty where a person is to answer, or where tools are called first. */
  readonly text: string;
  /** What the model wants to know or do before it answers. */
  readonly calls: readonly ToolCall[];
  /** It has no end: nobody could go on with it, or it was longer than it may be. */
  readonly isCutOff: boolean;
  /** The name of the model that answered, or said the last of what was cut off; null: none did, a person is called. */
  readonly model: string | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Null: a model without a price was asked. */
  readonly costMicros: number | null;
  /** Every model that was thought of, in order. */
  readonly reasons: readonly ModelReason[];
  readonly durationMs: number;
}

/** The call of models outside that a request stands for; `collector` gets the calls of tools that come with the answer. */
export function toQuestion(request: GenerateRequest, collector: CallCollector): ModelQuestion {
  const { prompt, onText, exchanges = [], tools = [], alsoRead = [], knowledge = [] } = request;
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
    texts: [
      ...prompt.messages.map(({ content }) => content),
      ...exchanges.flatMap(textsOfExchange),
      ...alsoRead,
    ],
    knowledge,
    language: request.language,
    // What was called before can be read by those that call tools themselves.
    needs: [...new Set([...(request.needs ?? []), ...(exchanges.length > 0 ? (['tools'] as const) : [])])],
    latencyClass: request.latencyClass ?? 'message',
    preferredModelId: request.preferredModelId,
    automatic: false,
    inputTokensMax: tokensMax(prompt, tools, exchangeMessages(exchanges)),
    purpose: request.purpose,
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

/** What a model wrote, and what it was told, is private as much as what it was asked. */
function textsOfExchange({ text, calls, results }: ToolExchange): string[] {
  return [text, ...calls.map(({ input }) => input), ...results.values()];
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
export const tokensOfPictureMax = 50_000;

/** No tokeniser makes more tokens than there are bytes; the JSON around the messages stands for a template's own. */
function tokensMax({ instructions, messages }: Prompt, ...others: readonly unknown[]): number {
  const words = messages.map(({ role, content }) => ({ role, content }));
  const pictures = messages.reduce((count, message) => count + (message.pictures?.length ?? 0), 0);
  return Buffer.byteLength(JSON.stringify([instructions, words, ...others])) + pictures * tokensOfPictureMax;
}

/** The tools that an answer calls, in their order. */
export function callsOf({ whole }: Answer, collector: CallCollector): ToolCall[] {
  const choices = (whole?.choices ?? []) as readonly { message: Delta['other'] }[];
  if (choices[0]) collector.take(choices[0].message);
  return collector.calls();
}
