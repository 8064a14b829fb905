// Proposals for the knowledge: members look at them, say yes or no, and may take that back.
import {
  type KnowledgeProposal,
  type KnowledgeProposalQuery,
  type ProposalDecision,
  proposalState,
} from '@parley/contract/knowledge-proposals';
import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../../core/context.ts';
import { conflict, notFound } from '../../../core/errors.ts';
import { defineEvent } from '../../../core/events.ts';
import { newId } from '../../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../../core/pagination.ts';
import { createPair, deleteTrainingData, titlesOf } from '../../knowledge/knowledge.ts';
import { knowledgeProposals } from '../tables.ts';

export const proposalChanged = defineEvent({
  type: 'knowledge_proposal.changed',
  doc: 'A question with a member’s answer was proposed for the knowledge, was asked again, or was decided on.',
  permission: 'assistant:read',
  payload: z.object({ proposalId: z.uuid(), state: proposalState, asked: z.number() }),
});

export const proposalPlace = (id: string) => `knowledge_proposals.content:${id}`;
const content = z.object({ question: z.string(), answer: z.string() });

type ProposalRow = typeof knowledgeProposals.$inferSelect;

/** How often each was asked, and its id, with what was asked most often before all else. */
const ranked = `select p.id, p.state, count(s.answer_message_id)::int as asked from knowledge_proposals p
  left join knowledge_proposal_sources s on s.proposal_id = p.id`;

export async function listProposals(ctx: Context, { state, limit, cursor }: KnowledgeProposalQuery) {
  const before = cursor ? decodeCursor(cursor, z.tuple([z.number().int(), z.uuid()])) : null;
  return ctx.transaction(async (tx) => {
    const rows = await tx.sql<{ id: string; asked: number }>(
      `select * from (${ranked} where p.workspace_id = $1 and p.state = $2 group by p.id) as ranked
       where $3::int is null or (asked, id) < ($3::int, $4::uuid) order by asked desc, id desc limit $5`,
      [tx.workspaceId, state, before?.[0] ?? null, before?.[1] ?? null, limit + 1],
    );
    const { items, nextCursor } = toPage(rows, limit, ({ asked, id }) => [asked, id]);
    const told: KnowledgeProposal[] = [];
    for (const { id, asked } of items) told.push(toProposal(tx, await findProposal(tx, id), asked));
    return { items: told, nextCursor };
  });
}

/**
 * A yes makes it a pair of the knowledge, with other words where they are given. The same decision twice is one.
 * @throws ParleyError 404; 409 `proposal_decided`, `knowledge_full`
 */
export async function decideProposal(
  ctx: Context,
  id: string,
  decision: ProposalDecision,
): Promise<KnowledgeProposal> {
  return ctx.transaction(async (tx) => {
    const row = await findProposal(tx, id, true);
    if (row.state === decision.decision) return showProposal(tx, row);
    if (row.state !== 'proposed')
      throw conflict('proposal_decided', 'Somebody has decided on this proposal already.');
    const trainingDataId = decision.decision === 'accepted' ? newId() : null;
    if (decision.decision === 'accepted' && trainingDataId !== null) {
      const proposed = openPair(tx, row);
      const { question = proposed.question, answer = proposed.answer } = decision;
      await createPair(tx, trainingDataId, { question, answer, conversationId: row.conversationId });
    }
    return settle(tx, id, {
      state: decision.decision,
      trainingDataId,
      decidedBy: tx.actor.id,
      decidedAt: tx.clock.date(),
    });
  });
}

/** It waits again, and the pair that was made of it is gone. @throws ParleyError 404 */
export async function undoDecision(ctx: Context, id: string): Promise<KnowledgeProposal> {
  return ctx.transaction(async (tx) => {
    const row = await findProposal(tx, id, true);
    if (row.state === 'proposed') return showProposal(tx, row);
    if (row.trainingDataId !== null && (await titlesOf(tx, [row.trainingDataId])).size > 0)
      await deleteTrainingData(tx, row.trainingDataId);
    return settle(tx, id, { state: 'proposed', trainingDataId: null, decidedBy: null, decidedAt: null });
  });
}

async function settle(
  tx: TransactionContext,
  id: string,
  values: Pick<ProposalRow, 'state' | 'trainingDataId' | 'decidedBy' | 'decidedAt'>,
): Promise<KnowledgeProposal> {
  const [row] = await tx.drizzle
    .update(knowledgeProposals)
    .set(values)
    .where(eq(knowledgeProposals.id, id))
    .returning();
  if (!row) throw notFound('proposal');
  await tellProposals(tx, [id]);
  return showProposal(tx, row);
}

export async function tellProposals(tx: TransactionContext, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const rows = await tx.sql<{ id: string; state: ProposalRow['state']; asked: number }>(
    `${ranked} where p.id = any($1::uuid[]) group by p.id order by p.id`,
    [ids],
  );
  for (const { id: proposalId, state, asked } of rows)
    tx.append(proposalChanged, { proposalId, state, asked });
}

/** @throws CryptoError */
export function openPair(
  tx: TransactionContext,
  row: { readonly id: string; readonly content: Uint8Array },
): z.infer<typeof content> {
  return content.parse(JSON.parse(tx.openText(row.content, proposalPlace(row.id))));
}

/** @throws ParleyError 404 */
async function findProposal(tx: TransactionContext, id: string, lock = false): Promise<ProposalRow> {
  const query = tx.drizzle
    .select()
    .from(knowledgeProposals)
    .where(and(eq(knowledgeProposals.id, id), eq(knowledgeProposals.workspaceId, tx.workspaceId)));
  const [row] = await (lock ? query.for('update') : query);
  if (!row) throw notFound('proposal');
  return row;
}

async function countAsked(tx: TransactionContext, id: string): Promise<number> {
  const [row] = await tx.sql<{ asked: number }>(`${ranked} where p.id = $1 group by p.id`, [id]);
  return row?.asked ?? 0;
}

async function showProposal(tx: TransactionContext, row: ProposalRow): Promise<KnowledgeProposal> {
  return toProposal(tx, row, await countAsked(tx, row.id));
}

function toProposal(tx: TransactionContext, row: ProposalRow, asked: number): KnowledgeProposal {
  const { workspaceId: _, content: __, fingerprint: ___, answeredAt, decidedAt, createdAt, ...rest } = row;
  return {
    ...rest,
    ...openPair(tx, row),
    asked,
    answeredAt: answeredAt.toISOString(),
    decidedAt: decidedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}
