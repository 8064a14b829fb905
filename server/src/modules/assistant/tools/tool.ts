// What a tool is: a name, what it takes, what it needs, and what it does for whoever asks. The model chooses the tool and
// the input; who asks, and what of theirs it may touch, comes from us and never from a text.
import { z } from 'zod';
import type { Context } from '../../../core/context.ts';
import { ParleyError } from '../../../core/errors.ts';
import type { OfferedTool } from '../../inference/inference.ts';
import type { FoundPassage } from '../../knowledge/knowledge.ts';

/** Who a model works for. A contact reaches what is theirs alone; a member what their role may. */
export type Audience =
  | { readonly kind: 'contact'; readonly conversationId: string; readonly contactId: string }
  | { readonly kind: 'member' };

export interface ToolUse {
  /** Acts as the member, or as the assistant where a contact asks. */
  readonly ctx: Context;
  readonly audience: Audience;
  /** Ends when the answer is given up, or the tool has taken too long. */
  readonly signal: AbortSignal;
  /** What the answer may cite, in the order of its names: a tool that finds more adds it. */
  readonly passages: FoundPassage[];
  /** One for each call, whoever makes it: who is called twice with it has been called once. */
  readonly stepId: string;
}

export interface Tool extends OfferedTool {
  readonly origin: 'built_in' | 'http' | 'server';
  /** Of the HTTP tool or the server that it comes from. */
  readonly originId: string | null;
  /** What a member needs for it. */
  readonly permission: string;
  /** Whom it can be given to at all. */
  readonly meantFor: readonly Audience['kind'][];
  /** Whom the workspace gives it to. */
  readonly audiences: readonly Audience['kind'][];
  /** It cannot be undone. */
  readonly alwaysConfirmed: boolean;
  /** It runs when a member has said so. */
  readonly confirmation: boolean;
  /** It changes something here or elsewhere. */
  readonly changes: boolean;
  /** What it returns may hold words of others: names, files, pages, answers of other systems. */
  readonly othersWords: boolean;
  /** It calls somebody outside, and so never runs in a transaction. */
  readonly outside: boolean;
  /** @throws ToolInputError */
  read(input: unknown): unknown;
  /**
   * Makes definite what was meant, before a member is asked to confirm it: what they see is what will be done.
   * @throws ParleyError whose sentence the model is told
   */
  settle?(use: ToolUse, input: unknown): Promise<Settled>;
  /**
   * Runs it with what `read` made. Returns what the model is told: words of others stand in it as they are, and are quoted
   * by whoever hands them on.
   * @throws ParleyError whose sentence the model is told
   */
  run(use: ToolUse, input: unknown): Promise<string>;
}

export interface Settled<Input = unknown> {
  readonly input: Input;
  /** Where members are asked; null: nowhere in particular. */
  readonly conversationId: string | null;
}

/** What the model called it with cannot be; the message says what is wrong. */
export class ToolInputError extends Error {
  override readonly name = 'ToolInputError';
}

/** A call may have changed something, and nobody heard what came of it. */
export function outcomeUnknown(cause?: unknown): ParleyError {
  return new ParleyError({
    status: 502,
    code: 'outcome_unknown',
    message:
      'It is not known whether this was done. Do not call it again: say that a person of the team looks into it.',
    cause,
  });
}

type Shape = z.ZodType<object>;

interface ToolDefinition<Input extends Shape> {
  readonly name: string;
  readonly description: string;
  readonly permission: string;
  readonly audiences: readonly Audience['kind'][];
  /** It cannot be undone. */
  readonly confirmation: boolean;
  readonly changes: boolean;
  readonly othersWords: boolean;
  readonly input: Input;
  settle?(use: ToolUse, input: z.output<Input>): Promise<Settled<z.output<Input>>>;
  run(use: ToolUse, input: z.output<Input>): Promise<string>;
}

/** One that comes with Parley. */
export function defineTool<Input extends Shape>(definition: ToolDefinition<Input>): Tool {
  const { input, run, settle, ...tool } = definition;
  const { $schema: _, ...parameters } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
  return {
    ...tool,
    origin: 'built_in',
    originId: null,
    meantFor: tool.audiences,
    alwaysConfirmed: tool.confirmation,
    outside: false,
    parameters,
    ...(settle ? { settle: (use, read) => settle(use, read as z.output<Input>) } : {}),
    read: (given) => readInput(input, given),
    run: (use, read) => run(use, read as z.output<Input>),
  };
}

/** @throws ToolInputError */
export function readInput<Input extends z.ZodType>(shape: Input, given: unknown): z.output<Input> {
  const read = shape.safeParse(given);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`);
  throw new ToolInputError(problems.slice(0, 5).join('; '));
}

/** `name: value` in lines, which people, models and rules read alike. */
export function asLines(values: Readonly<Record<string, string | number | boolean | null>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${String(value ?? 'none').replace(/\s+/g, ' ')}`)
    .join('\n');
}
