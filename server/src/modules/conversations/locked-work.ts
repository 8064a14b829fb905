// Work on locked conversations. What several jobs want of different conversations of a workspace at the same moment shares
// a transaction: their statements travel together and the disk is waited for once. Work on the same conversation is done
// one after the other, and when one fails, each is done again in a transaction of its own.
import { type Context, definePort, type TransactionContext } from '../../core/context.ts';
import { NaturalBatch } from '../../core/natural-batch.ts';

/** A conversation, by its own id or by a message of it. */
export type ConversationPointer = { readonly conversationId: string } | { readonly messageId: string };

interface Work {
  readonly ctx: Context;
  readonly place: ConversationPointer;
  readonly work: (tx: TransactionContext) => Promise<unknown>;
  readonly signal: AbortSignal | undefined;
}

const together = { sizeMax: 40, secondAt: 10 };

export class LockedWork {
  readonly #batches = new Map<string, NaturalBatch<Work, unknown>>();

  async run(item: Work): Promise<unknown> {
    const { workspaceId } = item.ctx;
    let batch = this.#batches.get(workspaceId);
    if (!batch) {
      batch = new NaturalBatch(runTogether, together);
      this.#batches.set(workspaceId, batch);
    }
    try {
      return await batch.add(item);
    } finally {
      if (batch.idle) this.#batches.delete(workspaceId);
    }
  }
}

export const lockedWork = definePort<LockedWork>('locked-work');

/**
 * Runs work that only uses the database, perhaps twice with the effect of once, while the conversation is locked. Not for
 * use in a transaction. @throws whatever the work throws when it is alone; the signal's reason when it aborted before
 */
export async function whileLocked<Result>(
  ctx: Context,
  place: ConversationPointer,
  work: (tx: TransactionContext) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  return ctx.use(lockedWork).run({ ctx, place, work, signal }) as Promise<Result>;
}

async function runTogether(works: readonly Work[]): Promise<readonly unknown[]> {
  if (works.length === 1) return runTransaction(works);
  const live = works.filter(({ signal }) => !signal?.aborted);
  try {
    const results = new Map<Work, unknown>();
    const inOrder = await runTransaction(live);
    for (const [index, work] of live.entries()) results.set(work, inOrder[index]);
    return works.map((work) => (results.has(work) ? results.get(work) : asError(work.signal?.reason)));
  } catch (error) {
    works[0]?.ctx.log.info({ err: error, works: works.length }, 'what failed together is done one by one');
    const results: unknown[] = [];
    for (const work of works) {
      results.push(await runTransaction([work]).then(([result]) => result, asError));
    }
    return results;
  }
}

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));

/** Nobody waits longer than this for a neighbour's lock. */
const shareLockWait = {
  name: 'locked_work_patience',
  text: "select set_config('lock_timeout', '1500ms', true)",
};

async function runTransaction(works: readonly Work[]): Promise<readonly unknown[]> {
  const [first] = works;
  if (!first) return [];
  return first.ctx.transaction(async (tx) => {
    for (const { signal } of works) signal?.throwIfAborted();
    if (works.length > 1) tx.last(shareLockWait);
    const conversationOf = await lockAll(tx, works);
    const queues = new Map<string, Promise<unknown>>();
    return Promise.all(
      works.map((item) => {
        const conversationId = conversationOf(item.place);
        const before = queues.get(conversationId);
        const own = tx.as(item.ctx.actor, item.ctx.requestId);
        const result = before ? before.then(() => item.work(own)) : item.work(own);
        queues.set(conversationId, result);
        return result;
      }),
    );
  });
}

const findConversations = {
  name: 'locked_work_find',
  text: 'select id, conversation_id from messages where id = any($1)',
};
// In the order of their ids, like everywhere where several are locked.
const lockConversations = {
  name: 'locked_work_lock',
  text: `select id from conversations
    where id = any(array(
      select unnest($1::uuid[]) union select conversation_id from messages where id = any($2::uuid[])))
    order by id for no key update`,
};

async function lockAll(
  tx: TransactionContext,
  works: readonly Work[],
): Promise<(place: ConversationPointer) => string> {
  const places = works.map(({ place }) => place);
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
  // A message that is not there: its work finds nothing, and shares a queue with nobody.
  const byMessage = new Map(found.map((row) => [row.id, row.conversation_id]));
  return (place) =>
    'conversationId' in place ? place.conversationId : (byMessage.get(place.messageId) ?? place.messageId);
}
