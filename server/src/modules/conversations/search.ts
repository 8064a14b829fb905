// Searches contacts, messages and notes: what the index of keyed hashes finds is opened and read again before anybody sees
// it, so that no collision and no text that was changed meanwhile is shown.
import type { SearchHit, SearchQuery } from '@parley/contract/inbox';
import { z } from 'zod';
import type { Context, SystemContext, TransactionContext } from '../../core/context.ts';
import { decodeCursor, encodeCursor, toPage } from '../../core/pagination.ts';
import { readMessages } from './message-queries.ts';
import { readNotes } from './notes.ts';
import { readConversations } from './queries.ts';
import { type Candidate, findCandidates } from './search-candidates.ts';
import { contactText, searchHasher } from './search-index.ts';
import { type Question, readQuestion } from './search-terms.ts';

const cursorShape = z.tuple([z.iso.datetime(), z.uuid()]);

/** Later candidates make up for those that nothing came of, in so many rounds. */
const roundsMax = 5;

/**
 * Newest first; a contact is as new as the newest message with them. A page may be short and yet have a next one.
 * @throws ParleyError 400 for a cursor that is not ours
 */
export async function search(
  system: SystemContext,
  ctx: Context,
  { q, limit, cursor }: SearchQuery,
): Promise<{ items: SearchHit[]; nextCursor: string | null }> {
  const question = readQuestion(q);
  let before = cursor ? decodeCursor(cursor, cursorShape) : null;
  const hasher = question && (await ctx.transaction(searchHasher));
  if (!hasher) return { items: [], nextCursor: null };
  const { workspaceId } = ctx;
  const wanted = limit + 1;
  const found: Found[] = [];
  let exhausted = false;
  for (let round = 0; !exhausted && found.length < wanted && round < roundsMax; round += 1) {
    const candidates = await findCandidates(system, { workspaceId, question, hasher, before, wanted });
    if (candidates.length > 0)
      found.push(...(await ctx.transaction((tx) => readHits(tx, question, candidates))));
    const last = candidates.at(-1);
    exhausted = !last || candidates.length < wanted;
    if (last) before = [last.at, last.refId];
  }
  const { items, nextCursor } = toPage(found, limit, ({ candidate }) => [candidate.at, candidate.refId]);
  return {
    items: items.map(({ hit }) => hit),
    nextCursor: nextCursor ?? (exhausted || !before ? null : encodeCursor(before)),
  };
}

interface Found {
  readonly candidate: Candidate;
  readonly hit: SearchHit;
}

/** Those candidates that are what was asked for, opened. */
async function readHits(
  tx: TransactionContext,
  question: Question,
  candidates: readonly Candidate[],
): Promise<Found[]> {
  const idsOf = (kind: Candidate['kind']) =>
    candidates.filter((candidate) => candidate.kind === kind).map(({ refId }) => refId);
  const conversationIds = [...new Set(candidates.map(({ conversationId }) => conversationId))];
  const [messages, notes, conversations] = await Promise.all([
    readMessages(tx, idsOf('message')),
    readNotes(tx, idsOf('note')),
    readConversations(tx, conversationIds),
  ]);
  const byId = <Item extends { id: string }>(items: readonly Item[]) =>
    new Map(items.map((item) => [item.id, item]));
  const messagesById = byId(messages);
  const notesById = byId(notes);
  const conversationsById = byId(conversations);
  return candidates.flatMap((candidate) => {
    const conversation = conversationsById.get(candidate.conversationId);
    if (!conversation) return [];
    const message = messagesById.get(candidate.refId) ?? null;
    const note = notesById.get(candidate.refId) ?? null;
    const text =
      candidate.kind === 'contact'
        ? contactText({ ...conversation.contact, directoryName: conversation.directory.name })
        : (message ?? note)?.body;
    if (text === undefined || !question.matches(text)) return [];
    return [{ candidate, hit: { conversation, message, note } }];
  });
}
