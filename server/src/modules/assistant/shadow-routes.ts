// HTTP of shadow runs.
import { id, pageQuery } from '@parley/contract/common';
import {
  shadowAnswerPage,
  shadowAnswerQuery,
  shadowEstimate,
  shadowRun,
  shadowRunInput,
  shadowRunPage,
} from '@parley/contract/shadow-runs';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { listShadowAnswers } from './shadow-answers.ts';
import {
  cancelShadowRun,
  estimateShadowRun,
  getShadowRun,
  listShadowRuns,
  startShadowRun,
  useShadowRun,
} from './shadow-runs.ts';

const tags = ['assistant'];
const params = z.object({ id });
const base = '/api/v1/assistant/shadow-runs';

export function registerShadowRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    base,
    {
      schema: {
        summary: 'List shadow runs, newest first',
        tags,
        querystring: pageQuery,
        response: { 200: shadowRunPage },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => listShadowRuns(request.ctx, request.query),
  );
  app.post(
    base,
    {
      schema: {
        summary: 'Answer turns of before anew, with something changed; nothing is sent',
        description:
          'A job does it, under the caps of the workspace: `shadow_run.changed` tells how far it came. One runs at a time.',
        tags,
        body: shadowRunInput,
        response: { 201: shadowRun },
      },
      config: { permission: 'assistant:manage', idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await startShadowRun(request.ctx, request.body)),
  );
  app.post(
    '/api/v1/assistant/shadow-estimates',
    {
      schema: {
        summary: 'What a shadow run would cost, about: asks nobody',
        tags,
        body: shadowRunInput,
        response: { 200: shadowEstimate },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => estimateShadowRun(request.ctx, request.body),
  );
  app.get(
    `${base}/:id`,
    {
      schema: { summary: 'Read a shadow run', tags, params, response: { 200: shadowRun } },
      config: { permission: 'assistant:read' },
    },
    async (request) => getShadowRun(request.ctx, request.params.id),
  );
  app.get(
    `${base}/:id/answers`,
    {
      schema: {
        summary: 'What was said then beside what would be said now',
        tags,
        params,
        querystring: shadowAnswerQuery,
        response: { 200: shadowAnswerPage },
      },
      // Whoever reads the pairs reads conversations.
      config: { permission: 'conversations:read' },
    },
    async (request) => listShadowAnswers(request.ctx, request.params.id, request.query),
  );
  app.put(
    `${base}/:id/cancellation`,
    {
      schema: { summary: 'Cancel a shadow run', tags, params, response: { 200: shadowRun } },
      config: { permission: 'assistant:manage' },
    },
    async (request) => cancelShadowRun(request.ctx, request.params.id),
  );
  app.put(
    `${base}/:id/use`,
    {
      schema: {
        summary: 'Make what a shadow run tried the assistant’s own',
        tags,
        params,
        response: { 200: shadowRun },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => useShadowRun(request.ctx, request.params.id),
  );
}
