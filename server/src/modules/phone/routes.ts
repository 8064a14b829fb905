// HTTP of the phone. Not in the API's documents: it is a toy of the demo, and programs have no use for it.
import { handsetMessage, handsetThread, phone, phoneFaults, textFromHandset } from '@parley/contract/phone';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Kernel } from '../../core/kernel.ts';
import {
  announceChanges,
  changeFaults,
  readFaults,
  readPhone,
  readPicture,
  readThread,
  textFrom,
} from './phone.ts';

const hide = true;
const params = z.object({ number: z.string().max(20) });
const look = { permission: 'conversations:read' };
const text = { permission: 'messages:send' };

export function registerPhoneRoutes(server: FastifyInstance, kernel: Kernel): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  const stop = announceChanges(kernel);
  server.addHook('onClose', async () => stop());

  app.get('/api/v1/phone', { schema: { hide, response: { 200: phone } }, config: look }, async (request) =>
    readPhone(request.ctx),
  );
  app.get(
    '/api/v1/phone/handsets/:number/messages',
    { schema: { hide, params, response: { 200: handsetThread } }, config: look },
    async (request) => readThread(request.ctx, request.params.number),
  );
  app.post(
    '/api/v1/phone/handsets/:number/messages',
    { schema: { hide, params, body: textFromHandset, response: { 201: handsetMessage } }, config: text },
    async (request, reply) =>
      reply.code(201).send(await textFrom(request.ctx, request.params.number, request.body)),
  );
  app.get(
    '/api/v1/phone/faults',
    { schema: { hide, response: { 200: phoneFaults } }, config: look },
    async (request) => readFaults(request.ctx),
  );
  app.put(
    '/api/v1/phone/faults',
    { schema: { hide, body: phoneFaults, response: { 200: phoneFaults } }, config: text },
    async (request) => changeFaults(request.ctx, request.body),
  );
  app.get(
    '/api/v1/phone/pictures/:name',
    { schema: { hide, params: z.object({ name: z.string().max(100) }) }, config: look },
    async (request, reply) => {
      const { contentType, body } = await readPicture(request.ctx, request.params.name);
      return reply.type(contentType).header('cache-control', 'private, max-age=86400').send(body);
    },
  );
}
