// An answer while it is written: told to its member ten times a second, written down twice a second.
import type { ToolStep } from '@parley/contract/tools';
import { and, eq } from 'drizzle-orm';
import type { Context } from '../../../core/context.ts';
import { chatMessages } from './tables.ts';
import { tellChanged, tellWritten, type WrittenAnswer } from './tell.ts';
import { contentPlace, stepsPlace } from './view.ts';

const tellEveryMs = 100;
const keepEveryMs = 500;

export interface ChatWriting {
  /** @param text all that is written so far. */
  goOn(text: string): void;
  /** A tool is called, or has ended. */
  step(step: ToolStep): void;
  /** Resolves when every step so far is written down. @throws where it could not be, or is not this take's to write */
  stepsKept(): Promise<void>;
  /** Resolves with all that was written, when nothing of it is on its way any more. */
  end(): Promise<string>;
}

/** @param onGone called when the answer is no longer this take's to write: it was stopped, or begun again elsewhere */
export function beginChatWriting(ctx: Context, answer: WrittenAnswer, onGone: () => void): ChatWriting {
  let text = '';
  let told = '';
  let kept = '';
  const steps = new Map<string, ToolStep>();
  let keeping: Promise<boolean> = Promise.resolve(true);
  const tell = () => {
    if (told !== text) tellWritten(ctx, answer, told, text);
    told = text;
  };
  const write = () => {
    kept = text;
    const written = { text, steps: [...steps.values()] };
    keeping = keeping
      .then(async () => {
        const isMine = await keepWritten(ctx, answer, written);
        if (!isMine) onGone();
        return isMine;
      })
      // The next one, or the end, writes it down.
      .catch((error: unknown) => {
        ctx.log.warn({ err: error }, 'what was written could not be kept');
        return false;
      });
    return keeping;
  };
  const keep = () => {
    if (kept !== text) void write();
  };
  const telling = new Pace(tellEveryMs, tell);
  const keepingPace = new Pace(keepEveryMs, keep);
  return {
    goOn: (next) => {
      text = next;
      telling.ask();
      keepingPace.ask();
    },
    step: (step) => {
      steps.set(step.id, step);
      void write().then(() => tellChanged(ctx, answer.userId, answer));
    },
    stepsKept: async () => {
      if (!(await keeping)) throw new Error('what a tool is about to do could not be written down');
    },
    end: async () => {
      telling.stop();
      keepingPace.stop();
      tell();
      await keeping;
      return text;
    },
  };
}

interface Written {
  readonly text: string;
  readonly steps: readonly ToolStep[];
}

/** Returns whether it was this take's to write. */
async function keepWritten(
  ctx: Context,
  { messageId, take }: WrittenAnswer,
  { text, steps }: Written,
): Promise<boolean> {
  return ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .update(chatMessages)
      .set({
        content: tx.seal(text, contentPlace(messageId)),
        steps: steps.length > 0 ? tx.seal(JSON.stringify(steps), stepsPlace(messageId)) : null,
        keptAt: tx.clock.date(),
      })
      .where(
        and(eq(chatMessages.id, messageId), eq(chatMessages.take, take), eq(chatMessages.state, 'writing')),
      )
      .returning({ id: chatMessages.id });
    return rows.length > 0;
  });
}

/** Does something soon after it is asked for, and not more often than that. */
class Pace {
  readonly #everyMs: number;
  readonly #work: () => void;
  #timer: NodeJS.Timeout | undefined;
  #doneAt = Number.NEGATIVE_INFINITY;

  constructor(everyMs: number, work: () => void) {
    this.#everyMs = everyMs;
    this.#work = work;
  }

  ask(): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.#doneAt = performance.now();
        this.#work();
      },
      Math.max(0, this.#doneAt + this.#everyMs - performance.now()),
    );
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
