// Work on locked conversations. What several jobs want of different conversations of a workspace at the same moment shares
// a transaction: their statements travel together and the disk is waited for once. Work on the same conversation is done
// one after the other, and when one fails, each is done again in a transaction of its own.

import type { Context, TransactionContext } from '../../core/context.ts';
import { definePort } from '../../core/context.ts';
import { NaturalBatch } from '../../core/natural-batch.ts';

/** A conversation, by its own id or by a message of it. */
export type TurnPlace = { readonly conversationId: string } | { readonly messageId: string };

interface Turn {
  readonly ctx: Context;
  readonly place: TurnPlace;
  readonly work: (tx: TransactionContext) => Promise<unknown>;
}

const together = { sizeMax: 40, secondAt: 10 };

export class Turns {
  readonly #batches = new Map<string, NaturalBatch<Turn, unknown>>();

  async run(turn: Turn): Promise<unknown> {
    const { workspaceId } = turn.ctx;
    let batch = this.#batches.get(workspaceId);
    if (!batch) {
      batch = new NaturalBatch(runTogether, together);
      this.#batches.set(workspaceId, batch);
    }
    try {
      return await batch.add(turn);
    } finally {
      if (batch.idle) this.#batches.delete(workspaceId);
    }
  }
}

export const conversationTurns = definePort<Turns>('conversation-turns');

/**
 * Runs work that only uses the database, perhaps twice with the effect of once, while the conversation is locked. Not for
 * use in a transaction. @throws whatever the work throws when it is alone
 */
export async function inTurn<Result>(
  ctx: Context,
  place: TurnPlace,
  work: (tx: TransactionContext) => Promise<Result>,
): Promise<Result> {
  return ctx.use(conversationTurns).run({ ctx, place, work }) as Promise<Result>;
}

async function runTogether(turns: readonly Turn[]): Promise<readonly unknown[]> {
  if (turns.length === 1) return runTransaction(turns);
  try {
    return await runTransaction(turns);
  } catch {
    return Promise.all(
      turns.map((turn) =>
        runTransaction([turn]).then(
          ([result]) => result,
          (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
        ),
      ),
    );
  }
}

async function runTransaction(turns: readonly Turn[]): Promise<readonly unknown[]> {
  const [first] = turns;
  if (!first) return [];
  return first.ctx.transaction(async (tx) => {
    const conversationOf = await lockAll(tx, turns);
    const queues = new Map<string, Promise<unknown>>();
    return Promise.all(
      turns.map((turn) => {
        const conversationId = conversationOf(turn.place);
        const before = queues.get(conversationId);
        const own = tx.as(turn.ctx.actor, turn.ctx.requestId);
        const result = before ? before.then(() => turn.work(own)) : turn.work(own);
        queues.set(conversationId, result);
        return result;
      }),
    );
  });
}

const findConversations = {
  name: 'turns_find',
  text: 'select id, conversation_id from messages where id = any($1)',
};
// In the order of their ids, like everywhere where several are locked.
const lockConversations = {
  name: 'turns_lock',
  text: `select id from conversations
    where id = any(array(
      select unnest($1::uuid[]) union select conversation_id from messages where id = any($2::uuid[])))
    order by id for no key update`,
};

async function lockAll(
  tx: TransactionContext,
  turns: readonly Turn[],
): Promise<(place: TurnPlace) => string> {
  const places = turns.map(({ place }) => place);
  const conversationIds = places.flatMap((place) =>
    'conversationId' in place ? [place.conversationId] : [],
  );
  const messageIds = places.flatMap((place) => ('messageId' in place ? [place.messageId] : []));
  const [found] = await Promise.all([
    messageIds.length > 0
      ? tx.sql<{ id: string; conversation_id: string }>(findConversations, [messageIds])
      : [],
    tx.sql(lockConversations, [conversationIds, messageIds]),
  ]);
  const byMessage = new Map(found.map((row) => [row.id, row.conversation_id]));
  return (place) =>
    'conversationId' in place ? place.conversationId : (byMessage.get(place.messageId) ?? place.messageId);
}
