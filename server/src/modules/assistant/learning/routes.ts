// HTTP of learning from conversations: the switch, what is proposed, and looks through conversations of before.
import { id, pageQuery } from '@parley/contract/common';
import {
  knowledgeProposal,
  knowledgeProposalPage,
  knowledgeProposalQuery,
  learning,
  learningInput,
  lookThrough,
  lookThroughInput,
  lookThroughPage,
  proposalDecision,
} from '@parley/contract/knowledge-proposals';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { changeLearning, readLearning } from './learning.ts';
import { cancelLookThrough, getLookThrough, listLookThroughs, startLookThrough } from './look-throughs.ts';
import { decideProposal, listProposals, undoDecision } from './proposals.ts';

const tags = ['knowledge'];
const params = z.object({ id });
const base = '/api/v1/training-data';

export function registerLearningRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    `${base}/learning`,
    {
      schema: {
        summary: 'Whether the assistant may learn from conversations',
        tags,
        response: { 200: learning },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => readLearning(request.ctx),
  );
  app.put(
    `${base}/learning`,
    {
      schema: {
        summary: 'Allow the assistant to learn from conversations, or no longer',
        description:
          'Off at first. What members answer from then on is proposed; conversations of before are looked through on request only.',
        tags,
        body: learningInput,
        response: { 200: learning },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => changeLearning(request.ctx, request.body),
  );
  app.get(
    `${base}/proposals`,
    {
      schema: {
        summary: 'List what members answered and the knowledge could have, what was asked most often first',
        tags,
        querystring: knowledgeProposalQuery,
        response: { 200: knowledgeProposalPage },
      },
      // Whoever reads them reads conversations.
      config: { permission: 'conversations:read' },
    },
    async (request) => listProposals(request.ctx, request.query),
  );
  app.put(
    `${base}/proposals/:id/decision`,
    {
      schema: {
        summary: 'Make a proposal a pair of the knowledge, or dismiss it for good',
        tags,
        params,
        body: proposalDecision,
        response: { 200: knowledgeProposal },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => decideProposal(request.ctx, request.params.id, request.body),
  );
  app.delete(
    `${base}/proposals/:id/decision`,
    {
      schema: {
        summary: 'Take a decision back: the proposal waits again, and the pair made of it is deleted',
        tags,
        params,
        response: { 200: knowledgeProposal },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => undoDecision(request.ctx, request.params.id),
  );
  app.get(
    `${base}/look-throughs`,
    {
      schema: {
        summary: 'List looks through conversations of before, newest first',
        tags,
        querystring: pageQuery,
        response: { 200: lookThroughPage },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => listLookThroughs(request.ctx, request.query),
  );
  app.post(
    `${base}/look-throughs`,
    {
      schema: {
        summary: 'Look through the conversations of the past days for what members answered',
        description:
          'A job does it, the newest first: `look_through.changed` tells how far it came. One runs at a time.',
        tags,
        body: lookThroughInput,
        response: { 201: lookThrough },
      },
      config: { permission: 'assistant:manage', idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await startLookThrough(request.ctx, request.body)),
  );
  app.get(
    `${base}/look-throughs/:id`,
    {
      schema: {
        summary: 'Read how far a look through conversations is',
        tags,
        params,
        response: { 200: lookThrough },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => getLookThrough(request.ctx, request.params.id),
  );
  app.put(
    `${base}/look-throughs/:id/cancellation`,
    {
      schema: {
        summary: 'Cancel a look through conversations',
        tags,
        params,
        response: { 200: lookThrough },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => cancelLookThrough(request.ctx, request.params.id),
  );
}
