// What the assistant is writing, told live to the members who look on: that it began, what it has so far, that it is done.
import type { Context } from '../../core/context.ts';
import { livePort } from '../../core/realtime/live.ts';

/** A screen shows no more than this many changes of a text in a row. */
const intervalMs = 100;

export interface Writing {
  /** @param text all that is written so far. */
  goOn(text: string): void;
  end(): void;
}

/** Tells that a turn has begun. Outside of a transaction; nothing waits for it, and nothing fails by it. */
export function beginWriting(ctx: Context, conversationId: string, runId: string): Writing {
  const live = ctx.use(livePort);
  const tell = (text: string | null, active: boolean) =>
    live.publish(
      ctx.workspaceId,
      { kind: 'assistant_writing', conversationId, runId, text, active },
      'conversations:read',
    );
  let toldAt = 0;
  let next: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  const tellNext = () => {
    timer = undefined;
    toldAt = performance.now();
    tell(next, true);
  };
  tell(null, true);
  return {
    goOn: (text) => {
      if (text === next) return;
      next = text;
      timer ??= setTimeout(tellNext, Math.max(0, toldAt + intervalMs - performance.now()));
    },
    end: () => {
      clearTimeout(timer);
      tell(null, false);
    },
  };
}
