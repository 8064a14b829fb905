// HTTP of channels: connect, list, change, rotate, test, remove, and how they are doing.
import {
  changeChannel as changeChannelSchema,
  channel,
  channelHealth as channelHealthSchema,
  channelPage,
  channelTest,
  createChannel as createChannelSchema,
  inspectAccount as inspectAccountSchema,
  inspectedAccount,
  replaceCredentials as replaceCredentialsSchema,
} from '@parley/contract/channels';
import { id, pageQuery } from '@parley/contract/common';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { inspectAccount } from './account-inspection.ts';
import { channelHealth, testChannel } from './channel-health.ts';
import {
  changeChannel,
  createChannel,
  deleteChannel,
  listChannels,
  readChannel,
  removePreviousCredentials,
  replaceCredentials,
} from './channel-settings.ts';

const params = z.object({ id });
const tags = ['channels'];
const read = { permission: 'channels:read' };
const manage = { permission: 'channels:manage' };

export function registerChannelRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.post(
    '/api/v1/channels',
    {
      schema: {
        summary: 'Connect a channel',
        description:
          'The provider is asked whether the credentials work and whether the number belongs to their account.',
        tags,
        body: createChannelSchema,
        response: { 201: channel },
      },
      config: { ...manage, idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await createChannel(request.ctx, request.body)),
  );
  app.post(
    '/api/v1/channels/account-inspections',
    {
      schema: {
        summary: 'Look at a provider account before connecting a number of it',
        description:
          'Asks the provider whether the credentials work and which numbers the account has. Nothing is stored; that the provider refuses is an answer too, with the reason.',
        tags,
        body: inspectAccountSchema,
        response: { 200: inspectedAccount },
      },
      config: manage,
    },
    async (request) => inspectAccount(request.ctx, request.body),
  );
  app.get(
    '/api/v1/channels',
    {
      schema: { summary: 'List channels', tags, querystring: pageQuery, response: { 200: channelPage } },
      config: read,
    },
    async (request) => listChannels(request.ctx, request.query),
  );
  app.get(
    '/api/v1/channels/:id',
    { schema: { summary: 'A channel', tags, params, response: { 200: channel } }, config: read },
    async (request) => readChannel(request.ctx, request.params.id),
  );
  app.patch(
    '/api/v1/channels/:id',
    {
      schema: {
        summary: 'Change, pause or resume a channel',
        tags,
        params,
        body: changeChannelSchema,
        response: { 200: channel },
      },
      config: manage,
    },
    async (request) => changeChannel(request.ctx, request.params.id, request.body),
  );
  app.delete(
    '/api/v1/channels/:id',
    {
      schema: {
        summary: 'Remove a channel',
        description: 'Its conversations stay. Our address is taken out of the number at the provider.',
        tags,
        params,
        response: { 204: z.null() },
      },
      config: manage,
    },
    async (request, reply) => {
      await deleteChannel(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
  app.put(
    '/api/v1/channels/:id/credentials',
    {
      schema: {
        summary: 'Replace the credentials of a channel',
        description:
          'Those before go on verifying webhooks until they are removed, so that a rotation loses no message.',
        tags,
        params,
        body: replaceCredentialsSchema,
        response: { 200: channel },
      },
      config: manage,
    },
    async (request) => replaceCredentials(request.ctx, request.params.id, request.body),
  );
  app.delete(
    '/api/v1/channels/:id/credentials/previous',
    {
      schema: {
        summary: 'End a rotation: forget the credentials before',
        tags,
        params,
        response: { 204: z.null() },
      },
      config: manage,
    },
    async (request, reply) => {
      await removePreviousCredentials(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
  app.post(
    '/api/v1/channels/:id/tests',
    {
      schema: {
        summary: 'Test a channel',
        description: 'Asks the provider about credentials, number and webhooks. Nothing is sent or kept.',
        tags,
        params,
        response: { 200: channelTest },
      },
      config: manage,
    },
    async (request) => testChannel(request.ctx, request.params.id),
  );
  app.get(
    '/api/v1/channels/:id/health',
    {
      schema: { summary: 'How a channel is doing', tags, params, response: { 200: channelHealthSchema } },
      config: read,
    },
    async (request) => channelHealth(request.ctx, request.params.id),
  );
}
