// From what was answered to what is proposed: what is personal or known already is left out, and what was asked before
// is counted where it stands.
import { supportNeededByDefault } from '@parley/contract/assistant';
import type { Context, TransactionContext } from '../../../core/context.ts';
import { newId } from '../../../core/identifiers.ts';
import { readRouting } from '../../inference/inference.ts';
import { findPassages, knowledgeRuntime, passagesOf } from '../../knowledge/knowledge.ts';
import { readAssistant } from '../settings.ts';
import { knowledgeProposalSources, knowledgeProposals } from '../tables.ts';
import { personalIn } from './personal.ts';
import { openPair, proposalPlace, tellProposals } from './proposals.ts';
import type { ReadPair } from './read-conversations.ts';
import { type Asked, askedKey, asksTheSame, readAsked } from './same-question.ts';

/** So many wait for a member at most; more would be read by nobody. */
const waitingMax = 500;
/** New ones are held against so many of before, the newest. */
const comparedMax = 1000;

/** Those that are worth a member's look. Not for use in a transaction. @throws CryptoError */
export async function worthProposing(ctx: Context, pairs: readonly ReadPair[]): Promise<ReadPair[]> {
  if (pairs.length === 0) return [];
  const { privateWords } = await readRouting(ctx);
  const impersonal = pairs.filter(
    (pair) => personalIn(pair, { names: [pair.contactName], privateWords }) === null,
  );
  if (impersonal.length === 0) return [];
  const { supportNeeded } = await readAssistant(ctx);
  // Who lets the assistant answer with less is still asked about what it hardly knows.
  const needed = Math.max(supportNeeded, supportNeededByDefault);
  const knowledge = await passagesOf(ctx);
  const unknown: ReadPair[] = [];
  for (const pair of impersonal) {
    const [best] = await findPassages(knowledge, pair.question, pair.language, 1);
    if ((best?.support ?? 0) < needed) unknown.push(pair);
  }
  return unknown;
}

interface Source {
  readonly proposalId: string;
  readonly answerMessageId: string;
  readonly conversationId: string;
}

interface Known {
  readonly id: string;
  readonly asked: Asked;
}

/** Writes them down. @returns how many are new. @throws CryptoError */
export async function propose(tx: TransactionContext, pairs: readonly ReadPair[]): Promise<number> {
  const seen = await readSeen(tx, pairs);
  const fresh = pairs.filter(({ answerMessageId }) => !seen.has(answerMessageId));
  if (fresh.length === 0) return 0;
  const known = await readKnown(tx);
  const isAllKnown = known.length < comparedMax;
  let waiting = await countWaiting(tx);
  let found = 0;
  const sources: Source[] = [];
  for (const pair of fresh) {
    const asked = readAsked(pair.question);
    const fingerprint = fingerprintOf(tx, asked);
    const { answerMessageId, conversationId } = pair;
    const same =
      known.find((one) => asksTheSame(one.asked, asked))?.id ??
      (isAllKnown ? null : await findByFingerprint(tx, fingerprint));
    if (same) {
      sources.push({ proposalId: same, answerMessageId, conversationId });
      continue;
    }
    if (waiting >= waitingMax) continue;
    const id = newId();
    if (!(await insertProposal(tx, id, fingerprint, pair))) continue;
    sources.push({ proposalId: id, answerMessageId, conversationId });
    known.push({ id, asked });
    waiting += 1;
    found += 1;
  }
  await addSources(tx, sources);
  await tellProposals(tx, [...new Set(sources.map(({ proposalId }) => proposalId))]);
  return found;
}

/** Also found where it is too old to be compared. */
function fingerprintOf(tx: TransactionContext, asked: Asked): string {
  return tx.use(knowledgeRuntime).fingerprint(`proposal\n${tx.workspaceId}\n${askedKey(asked)}`);
}

async function readSeen(tx: TransactionContext, pairs: readonly ReadPair[]): Promise<ReadonlySet<string>> {
  const rows = await tx.sql<{ id: string }>(
    'select answer_message_id as id from knowledge_proposal_sources where answer_message_id = any($1::uuid[])',
    [pairs.map(({ answerMessageId }) => answerMessageId)],
  );
  return new Set(rows.map(({ id }) => id));
}

async function readKnown(tx: TransactionContext): Promise<Known[]> {
  const rows = await tx.sql<{ id: string; content: Uint8Array }>(
    `select id, content from knowledge_proposals where workspace_id = $1
     order by id desc limit ${comparedMax}`,
    [tx.workspaceId],
  );
  return rows.map((row) => ({ id: row.id, asked: readAsked(openPair(tx, row).question) }));
}

async function countWaiting(tx: TransactionContext): Promise<number> {
  const [row] = await tx.sql<{ count: number }>(
    `select count(*)::int as count from knowledge_proposals where workspace_id = $1 and state = 'proposed'`,
    [tx.workspaceId],
  );
  return row?.count ?? 0;
}

async function findByFingerprint(tx: TransactionContext, fingerprint: string): Promise<string | null> {
  const [row] = await tx.sql<{ id: string }>(
    'select id from knowledge_proposals where workspace_id = $1 and fingerprint = $2',
    [tx.workspaceId, fingerprint],
  );
  return row?.id ?? null;
}

async function insertProposal(
  tx: TransactionContext,
  id: string,
  fingerprint: string,
  pair: ReadPair,
): Promise<boolean> {
  const { question, answer, conversationId, questionMessageId, answerMessageId, answeredBy, answeredAt } =
    pair;
  const rows = await tx.drizzle
    .insert(knowledgeProposals)
    .values({
      id,
      workspaceId: tx.workspaceId,
      conversationId,
      questionMessageId,
      answerMessageId,
      language: pair.language,
      fingerprint,
      content: tx.seal(JSON.stringify({ question, answer }), proposalPlace(id)),
      answeredBy,
      answeredAt,
      createdAt: tx.clock.date(),
    })
    .onConflictDoNothing()
    .returning({ id: knowledgeProposals.id });
  return rows.length > 0;
}

async function addSources(tx: TransactionContext, sources: readonly Source[]): Promise<void> {
  if (sources.length === 0) return;
  await tx.drizzle
    .insert(knowledgeProposalSources)
    .values(sources.map((source) => ({ ...source, workspaceId: tx.workspaceId })))
    .onConflictDoNothing();
}
