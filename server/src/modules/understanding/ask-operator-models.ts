// Asks the models that the operator has set, outside of every transaction and for a few seconds at most: what they do not say
// in time, the models that ship say.
import type { z } from 'zod';
import type { Context } from '../../core/context.ts';
import { openMessage } from '../conversations/conversations.ts';
import { hasOwnModel } from './intent-models/live.ts';
import { type askOperatorModels, understandMessage } from './jobs.ts';
import { askIntent, askSentiment, operatorModels } from './operator-models.ts';

/** Nothing but a lost database makes it fail: the message is understood all the same. */
export async function ask(ctx: Context, input: z.infer<typeof askOperatorModels.input>): Promise<void> {
  const { messageId } = input;
  const models = ctx.use(operatorModels);
  const found = await ctx.transaction(async (tx) => {
    const [message] = await tx.sql<{ content: Uint8Array }>('select content from messages where id = $1', [
      messageId,
    ]);
    if (!message) return null;
    return { text: openMessage(tx, messageId, message.content), hasOwnIntents: await hasOwnModel(tx) };
  });
  if (!found) return;
  const signal = AbortSignal.timeout(models.waitMsMax);
  const [intent, sentiment] = await Promise.all([
    models.intent && !found.hasOwnIntents ? orNull(askIntent(models.intent, found.text, signal)) : null,
    models.sentiment ? orNull(askSentiment(models.sentiment, found.text, signal)) : null,
  ]);
  await ctx.transaction(async (tx) =>
    tx.enqueue(understandMessage, { ...input, said: { intent, sentiment } }),
  );
}

/** Whoever runs the model has told the log. */
const orNull = <Result>(saying: Promise<Result>): Promise<Result | null> => saying.catch(() => null);
