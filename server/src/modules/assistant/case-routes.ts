// HTTP of cases: questions with settled answers, better answers, and checks.
import {
  answerCase,
  answerCaseInput,
  answerCasePage,
  answerCaseQuery,
  answerFix,
  answerFixInput,
  caseCheck,
  caseCheckPage,
} from '@parley/contract/answer-cases';
import { id, pageQuery } from '@parley/contract/common';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { cancelCheck, getCheck, listChecks, startCheck } from './case-checks.ts';
import { changeCase, createCase, deleteCase, fixAnswer, getCase, listCases } from './cases.ts';

const tags = ['assistant'];
const params = z.object({ id });
const cases = '/api/v1/assistant/cases';
const checks = '/api/v1/assistant/checks';

export function registerCaseRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    cases,
    {
      schema: {
        summary: 'List the cases of the assistant: questions whose right answer is settled',
        tags,
        querystring: answerCaseQuery,
        response: { 200: answerCasePage },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => listCases(request.ctx, request.query),
  );
  app.post(
    cases,
    {
      schema: {
        summary: 'Add a case',
        tags,
        body: answerCaseInput,
        response: { 201: answerCase },
      },
      config: { permission: 'assistant:manage', idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await createCase(request.ctx, request.body)),
  );
  app.get(
    `${cases}/:id`,
    {
      schema: { summary: 'Read a case, with its last result', tags, params, response: { 200: answerCase } },
      config: { permission: 'assistant:read' },
    },
    async (request) => getCase(request.ctx, request.params.id),
  );
  app.put(
    `${cases}/:id`,
    {
      schema: {
        summary: 'Change a case; its last result is forgotten',
        tags,
        params,
        body: answerCaseInput,
        response: { 200: answerCase },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => changeCase(request.ctx, request.params.id, request.body),
  );
  app.delete(
    `${cases}/:id`,
    {
      schema: { summary: 'Remove a case', tags, params, response: { 204: z.null() } },
      config: { permission: 'assistant:manage' },
    },
    async (request, reply) => {
      await deleteCase(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
  app.post(
    '/api/v1/assistant/fixes',
    {
      schema: {
        summary: 'Give a better answer: it becomes a pair of the knowledge, and a case',
        tags,
        body: answerFixInput,
        response: { 201: answerFix },
      },
      config: { permission: 'assistant:manage', idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await fixAnswer(request.ctx, request.body)),
  );
  app.get(
    checks,
    {
      schema: {
        summary: 'List checks of all cases, newest first',
        tags,
        querystring: pageQuery,
        response: { 200: caseCheckPage },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => listChecks(request.ctx, request.query),
  );
  app.post(
    checks,
    {
      schema: {
        summary: 'Put all cases to the assistant as it is now',
        description: 'A job does it: `case_check.changed` tells how far it came. One runs at a time.',
        tags,
        response: { 201: caseCheck },
      },
      config: { permission: 'assistant:manage', idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await startCheck(request.ctx)),
  );
  app.get(
    `${checks}/:id`,
    {
      schema: { summary: 'Read how far a check is', tags, params, response: { 200: caseCheck } },
      config: { permission: 'assistant:read' },
    },
    async (request) => getCheck(request.ctx, request.params.id),
  );
  app.put(
    `${checks}/:id/cancellation`,
    {
      schema: { summary: 'Cancel a check', tags, params, response: { 200: caseCheck } },
      config: { permission: 'assistant:manage' },
    },
    async (request) => cancelCheck(request.ctx, request.params.id),
  );
}
