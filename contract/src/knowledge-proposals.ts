// Learning from conversations: whether it is allowed, what members' answers are proposed for the knowledge, and what
// becomes of each. Nothing is known before a member has said yes to it.
import { z } from 'zod';
import { id, language, page, pageQuery, timestamp, workState } from './common.ts';

export const learningInput = z.object({
  /** Off: no conversation is read for it, and one that is being looked through is left. */
  learnFromConversations: z.boolean(),
});
export type LearningInput = z.infer<typeof learningInput>;

export const learning = learningInput.extend({
  /** Answers from then on are proposed by themselves; null while it is off. */
  since: timestamp.nullable(),
});
export type Learning = z.infer<typeof learning>;

export const proposalState = z.enum(['proposed', 'accepted', 'dismissed']);
export type ProposalState = z.infer<typeof proposalState>;

export const knowledgeProposal = z.object({
  id,
  state: proposalState,
  question: z.string(),
  answer: z.string(),
  language,
  /** In how many places it was asked and answered. */
  asked: z.number().int(),
  /** Where question and answer stand. */
  conversationId: id,
  questionMessageId: id,
  answerMessageId: id,
  /** The user who answered. */
  answeredBy: z.string(),
  answeredAt: timestamp,
  /** What was made of it; null also once that was deleted. */
  trainingDataId: id.nullable(),
  /** The user, or API key, who decided. */
  decidedBy: z.string().nullable(),
  decidedAt: timestamp.nullable(),
  createdAt: timestamp,
});
export type KnowledgeProposal = z.infer<typeof knowledgeProposal>;

export const knowledgeProposalPage = page(knowledgeProposal);
export const knowledgeProposalQuery = pageQuery.extend({ state: proposalState.default('proposed') });
export type KnowledgeProposalQuery = z.infer<typeof knowledgeProposalQuery>;

export const proposalDecision = z.discriminatedUnion('decision', [
  z.object({
    decision: z.literal('accepted'),
    /** What is left out stays as it was proposed. */
    question: z.string().trim().min(1).max(1000).optional(),
    answer: z.string().trim().min(1).max(20_000).optional(),
  }),
  z.object({ decision: z.literal('dismissed') }),
]);
export type ProposalDecision = z.infer<typeof proposalDecision>;

export const lookThroughInput = z.object({
  /** How far back. */
  days: z.number().int().min(1).max(365),
});
export type LookThroughInput = z.infer<typeof lookThroughInput>;

export const lookThrough = z.object({
  id,
  state: workState,
  days: z.number().int(),
  /** Conversations that there were to look at, and those that were looked at. */
  total: z.number().int(),
  done: z.number().int(),
  /** New proposals. */
  found: z.number().int(),
  startedAt: timestamp,
  finishedAt: timestamp.nullable(),
});
export type LookThrough = z.infer<typeof lookThrough>;
export const lookThroughPage = page(lookThrough);
