// Runs what a model calls: the tools of its toolset and no others, with input of their form, within bounds. Whatever goes
// wrong is told to the model in a sentence, and kept with a code.
import type { ToolStep } from '@parley/contract/tools';
import type { Context } from '../../../core/context.ts';
import { ParleyError } from '../../../core/errors.ts';
import { newId } from '../../../core/identifiers.ts';
import { quoteData, type ToolCall } from '../../inference/inference.ts';
import type { FoundPassage } from '../../knowledge/knowledge.ts';
import { askConfirmation } from './ask-confirmation.ts';
import { asLines, outcomeUnknown, type Tool, ToolInputError } from './tool.ts';
import type { Toolset } from './toolset.ts';

export interface CallOptions {
  readonly callsMax: number;
  readonly callMsMax: number;
  readonly passages: FoundPassage[];
  /** The model has read words of others already. */
  readonly hasReadOthers?: boolean;
  readonly signal: AbortSignal;
  readonly onStep: ((step: ToolStep) => void) | undefined;
  /**
   * Writes down all steps so far, before something is changed and when it is done. Where it fails, the tool is not called;
   * what it throws ends the calls.
   */
  readonly keepSteps?: ((steps: readonly ToolStep[]) => Promise<void>) | undefined;
  /** The calls of this answer that were made before its process was lost. */
  readonly made?: readonly ToolStep[];
}

/** A longer result is cut: a model that reads more forgets what it was asked. */
const resultLengthMax = 8_000;
const inputLengthMax = 20_000;

const waits = asLines({ state: 'waiting', done: false, why: 'a member of the team has to confirm it first' });

type Ending = Pick<ToolStep, 'state' | 'errorCode' | 'confirmationId'> & { readonly result: string };

const ending = (state: ToolStep['state'], errorCode: string | null, result: string): Ending => ({
  state,
  errorCode,
  confirmationId: null,
  result,
});

const { code, message } = outcomeUnknown();
const notKnown = ending('failed', code, message);

/** What of a run's steps had begun when its process was lost is told as what it is: nobody knows. */
export function settleSteps(steps: readonly ToolStep[]): ToolStep[] {
  return steps.map((step) => (step.state === 'begun' ? { ...step, ...notKnown } : step));
}

export const isUnknown = ({ errorCode }: ToolStep) => errorCode === code;

const keyOf = ({ name }: Tool, read: unknown) => `${name} ${JSON.stringify(read)}`;

export class ToolCaller {
  readonly #ctx: Context;
  readonly #toolset: Toolset;
  readonly #options: CallOptions;
  readonly #steps: ToolStep[] = [];
  /** What came of a call, by its tool and input. */
  readonly #made = new Map<string, string>();
  /** Tools of which a call may have changed something that nobody heard of. */
  readonly #unknown = new Set<string>();
  /** The call that may be changing something just now. */
  #open: ToolStep | null = null;
  #hasChanged = false;
  #hasReadOthers: boolean;

  constructor(ctx: Context, toolset: Toolset, options: CallOptions) {
    this.#ctx = ctx.as(toolset.actor);
    this.#toolset = toolset;
    this.#options = options;
    this.#hasReadOthers = options.hasReadOthers ?? false;
    for (const step of options.made ?? []) this.#takeUp(step);
  }

  get steps(): readonly ToolStep[] {
    return this.#steps;
  }

  /** A call that changes something, here or elsewhere, was begun. */
  get hasChanged(): boolean {
    return this.#hasChanged;
  }

  /** One after the other, as the model wrote them. Returns what it is told of each, by the calls' ids. */
  async callAll(calls: readonly ToolCall[], { byRule = false } = {}): Promise<Map<string, string>> {
    const told = new Map<string, string>();
    for (const call of calls) told.set(call.id, quoteData(await this.#call(call, byRule)));
    return told;
  }

  async #call({ name, input }: ToolCall, byRule: boolean): Promise<string> {
    const startedAt = this.#ctx.clock.date().toISOString();
    const started = performance.now();
    const begun: ToolStep = {
      id: newId(),
      tool: name.slice(0, 100),
      state: 'begun',
      input: input.slice(0, inputLengthMax),
      result: null,
      errorCode: null,
      confirmationId: null,
      startedAt,
      durationMs: null,
    };
    this.#options.onStep?.(begun);
    const end = (ended: Ending) => {
      const step = { ...begun, ...ended, durationMs: Math.round(performance.now() - started) };
      this.#steps.push(step);
      return step;
    };
    try {
      const step = end(await this.#run(begun, { name, input }, byRule));
      this.#options.onStep?.(step);
      if (this.#open) await this.#options.keepSteps?.(this.#steps);
      return step.result;
    } catch (error) {
      // Given up in the middle of it.
      if (this.#open && !this.#steps.some(({ id }) => id === begun.id)) end(notKnown);
      throw error;
    } finally {
      this.#open = null;
    }
  }

  #takeUp(step: ToolStep): void {
    this.#steps.push(step);
    this.#hasChanged = true;
    const tool = this.#toolset.tools.find(({ name }) => name === step.tool);
    if (!tool || step.state === 'refused') return;
    this.#hasReadOthers ||= tool.othersWords;
    try {
      this.#made.set(keyOf(tool, tool.read(readJson(step.input))), step.result ?? '');
    } catch (error) {
      // It takes something else now, so that no call of it is the same.
      if (!(error instanceof ToolInputError)) throw error;
    }
  }

  async #run(begun: ToolStep, { name, input }: Omit<ToolCall, 'id'>, byRule: boolean): Promise<Ending> {
    const { tools } = this.#toolset;
    const tool = tools.find((one) => one.name === name);
    if (!tool) {
      const names = tools.map((one) => one.name).join(', ');
      return ending('refused', 'unknown_tool', `There is no such tool. There are: ${names}.`);
    }
    if (this.#steps.length >= this.#options.callsMax) {
      return ending('refused', 'too_many_calls', 'No more calls are possible. Answer with what you have.');
    }
    let read: unknown;
    try {
      read = tool.read(readJson(input));
    } catch (error) {
      if (!(error instanceof ToolInputError)) throw error;
      return ending('refused', 'invalid_input', `The call was not made. ${error.message}`);
    }
    if (this.#unknown.has(name)) return ending('refused', 'outcome_unknown', notKnown.result);
    const key = keyOf(tool, read);
    const before = this.#made.get(key);
    if (before !== undefined) {
      return ending('refused', 'called_before', `You have made this very call before. It said:\n${before}`);
    }
    const mustConfirm = tool.confirmation || (!byRule && this.#mayBeTalkedInto(tool));
    this.#options.signal.throwIfAborted();
    if (tool.changes || mustConfirm) {
      await this.#options.keepSteps?.([...this.#steps, begun]);
      this.#open = begun;
      this.#hasChanged = true;
    }
    const ended = await this.#runInTime(tool, begun.id, read, mustConfirm);
    this.#made.set(key, ended.result);
    if (ended.errorCode === notKnown.errorCode) this.#unknown.add(name);
    return ended;
  }

  async #runInTime(tool: Tool, stepId: string, input: unknown, mustConfirm: boolean): Promise<Ending> {
    const { callMsMax, signal, passages } = this.#options;
    signal.throwIfAborted();
    const late = AbortSignal.timeout(callMsMax);
    const bound = AbortSignal.any([signal, late]);
    const use = { ctx: this.#ctx, audience: this.#toolset.audience, signal: bound, passages, stepId };
    try {
      if (mustConfirm) {
        const confirmationId = await orAborted(askConfirmation(use, tool, input), bound);
        return { ...ending('waiting', null, waits), confirmationId };
      }
      const result = await orAborted(tool.run(use, input), bound);
      return ending('done', null, cut(result));
    } catch (error) {
      signal.throwIfAborted();
      if (late.aborted && tool.changes && !mustConfirm) return notKnown;
      if (late.aborted) return ending('failed', 'timed_out', 'The tool took too long.');
      if (error instanceof ParleyError) return ending('failed', error.code, error.message);
      this.#ctx.log.error({ err: error, tool: tool.name }, 'a tool failed');
      return ending('failed', 'tool_failed', 'The tool failed. Do not call it again for now.');
    } finally {
      this.#hasReadOthers ||= tool.othersWords;
    }
  }

  /** A member's model that has read what others wrote may do what they want: what it changes from then on, the member confirms. */
  #mayBeTalkedInto({ changes }: Tool): boolean {
    return this.#toolset.audience.kind === 'member' && changes && this.#hasReadOthers;
  }
}

/** @throws ToolInputError */
function readJson(input: string): unknown {
  try {
    return input.trim() === '' ? {} : JSON.parse(input);
  } catch {
    throw new ToolInputError('The input is no JSON.');
  }
}

function cut(result: string): string {
  if (result.length <= resultLengthMax) return result;
  return `${result.slice(0, resultLengthMax).toWellFormed()}\n(cut here: it was longer)`;
}

/** A tool that does not heed the signal is not waited for. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
