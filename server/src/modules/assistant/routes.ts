// HTTP of the assistant: its settings, its runs, and a place to try it.
import { consentRuleSetting } from '@parley/contract/ai-consent';
import { assistant, assistantInput } from '@parley/contract/assistant';
import { id } from '@parley/contract/common';
import { run, runPage, runQuery, runQuestion, trialAnswer, trialQuestion } from '@parley/contract/runs';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { SystemContext } from '../../core/context.ts';
import { changeAssistant, changeConsentRule, readAssistant, tryAnswer } from './assistant.ts';
import { listRuns } from './run-list.ts';
import { readRunQuestion } from './run-question.ts';
import { getRun } from './runs.ts';

const tags = ['assistant'];
const withoutWords =
  'Without the permission `conversations:read`, `contact`, `steps` and, of `handOver`, `asked` and `heldBack` are empty or null';

export function registerAssistantRoutes(server: FastifyInstance, system: SystemContext): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/api/v1/assistant',
    {
      schema: { summary: 'How the assistant behaves', tags, response: { 200: assistant } },
      config: { permission: 'assistant:read' },
    },
    async (request) => readAssistant(request.ctx),
  );
  app.put(
    '/api/v1/assistant',
    {
      schema: {
        summary: 'Change how the assistant behaves',
        tags,
        body: assistantInput,
        response: { 200: assistant },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => changeAssistant(request.ctx, request.body),
  );
  app.put(
    '/api/v1/assistant/consent-rule',
    {
      schema: {
        summary: 'Say whom the assistant may answer',
        tags,
        body: consentRuleSetting,
        response: { 200: consentRuleSetting },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => {
      await changeConsentRule(request.ctx, request.body.rule);
      return request.body;
    },
  );
  app.post(
    '/api/v1/assistant/answers',
    {
      schema: {
        summary: 'Try the assistant: answers a question and sends nothing',
        tags,
        body: trialQuestion,
        response: { 200: trialAnswer },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => tryAnswer(request.ctx, request.body),
  );
  app.get(
    '/api/v1/runs',
    {
      schema: {
        summary: 'List turns of the assistant, newest first',
        description: `${withoutWords}, and \`q\` is refused.`,
        tags,
        querystring: runQuery,
        response: { 200: runPage },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => listRuns(system, request.ctx, request.query),
  );
  app.get(
    '/api/v1/runs/:id',
    {
      schema: {
        summary: 'What the assistant read, which model it chose and why, how long it took and what it cost',
        description: `${withoutWords}.`,
        tags,
        params: z.object({ id }),
        response: { 200: run },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => getRun(request.ctx, request.params.id),
  );
  app.get(
    '/api/v1/runs/:id/question',
    {
      schema: {
        summary: 'What a turn of the assistant was asked, in the contact’s words',
        tags,
        params: z.object({ id }),
        response: { 200: runQuestion },
      },
      config: { permission: 'conversations:read' },
    },
    async (request) => readRunQuestion(request.ctx, request.params.id),
  );
}
