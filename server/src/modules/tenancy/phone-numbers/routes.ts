// HTTP of a member's own phone numbers.
import { id } from '@parley/contract/common';
import {
  addPhoneNumber as addPhoneNumberSchema,
  phoneNumber,
  phoneNumberList,
  verifyPhoneNumber as verifyPhoneNumberSchema,
} from '@parley/contract/phone-numbers';
import { backupCodes } from '@parley/contract/second-factor';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ParleyError } from '../../../core/errors.ts';
import type { Principal } from '../../../core/http.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { languageOfUser, signedInUserId } from '../account.ts';
import { spokenOf } from '../account-asks.ts';
import { settleWithout } from '../second-factor/has-factor.ts';
import {
  addPhoneNumber,
  listPhoneNumbers,
  removePhoneNumber,
  sendCodeAgain,
  verifyPhoneNumber,
} from './numbers.ts';
import { chooseForSignIn, keepFromSignIn } from './sms-factor.ts';

const tags = ['auth'];
const params = z.object({ id });
const base = '/api/v1/auth/phone-numbers';

/** @throws ParleyError 403 for an API key and for whom the workspace lets in no further, 400 for who is in no workspace */
function memberOf(request: FastifyRequest): string {
  const principal = request.principal as Principal;
  const userId = signedInUserId(principal);
  // A number is the workspace's matter too: it texts it, through its own channel.
  if (principal.refusal) throw principal.refusal;
  if (principal.workspaceId !== null) return userId;
  throw new ParleyError({
    status: 400,
    code: 'no_workspace',
    message: 'A phone number is verified in a workspace: choose one with the X-Workspace-Id header.',
  });
}

export function registerPhoneNumberRoutes(server: FastifyInstance, kernel: Kernel): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  const system = kernel.systemContext();
  const languageFor = (userId: string, request: FastifyRequest) =>
    languageOfUser(system, userId, spokenOf(request.headers['accept-language']));

  app.get(
    base,
    {
      schema: {
        summary: 'One’s own phone numbers in this workspace',
        tags,
        response: { 200: phoneNumberList },
      },
      config: { permission: 'signed-in' },
    },
    async (request) => {
      const userId = memberOf(request);
      return listPhoneNumbers(request.ctx, userId);
    },
  );
  app.post(
    base,
    {
      schema: {
        summary: 'Add a phone number',
        description:
          'A code is sent to it by text, through the workspace’s own channel; the number means nothing until it is verified by it.',
        tags,
        body: addPhoneNumberSchema,
        response: { 201: phoneNumber },
      },
      config: { permission: 'signed-in', idempotent: true, stepUp: true },
    },
    async (request, reply) => {
      const userId = memberOf(request);
      const language = await languageFor(userId, request);
      return reply.code(201).send(await addPhoneNumber(request.ctx, userId, request.body, language));
    },
  );
  app.post(
    `${base}/:id/codes`,
    {
      schema: {
        summary: 'Send another code to a phone number',
        description: 'The one before works no more. Not sooner than a minute after it.',
        tags,
        params,
        response: { 201: phoneNumber },
      },
      config: { permission: 'signed-in', idempotent: true },
    },
    async (request, reply) => {
      const userId = memberOf(request);
      const language = await languageFor(userId, request);
      return reply.code(201).send(await sendCodeAgain(request.ctx, userId, request.params.id, language));
    },
  );
  app.put(
    `${base}/:id/verification`,
    {
      schema: {
        summary: 'Verify a phone number by the code that was sent to it',
        description: 'A code works for ten minutes, and for five guesses.',
        tags,
        params,
        body: verifyPhoneNumberSchema,
        response: { 200: phoneNumber },
      },
      config: { permission: 'signed-in' },
    },
    async (request) => {
      const userId = memberOf(request);
      return verifyPhoneNumber(request.ctx, userId, request.params.id, request.body);
    },
  );
  app.put(
    `${base}/:id/second-factor`,
    {
      schema: {
        summary: 'Take codes to a phone number as second factor',
        description:
          'Weaker than an authenticator app or a passkey. One number at most. Backup codes come with the first second factor, and are shown this once.',
        tags,
        params,
        response: { 200: backupCodes },
      },
      config: { permission: 'signed-in', stepUp: true },
    },
    async (request) => {
      const userId = memberOf(request);
      return chooseForSignIn(kernel, request.ctx, userId, request.params.id);
    },
  );
  app.delete(
    `${base}/:id/second-factor`,
    {
      schema: {
        summary: 'Take codes to a phone number as second factor no more',
        tags,
        params,
        response: { 204: z.null() },
      },
      config: { permission: 'signed-in', stepUp: true },
    },
    async (request, reply) => {
      const userId = memberOf(request);
      await keepFromSignIn(kernel, userId, request.params.id, request.ctx.origin);
      return reply.code(204).send(null);
    },
  );
  app.delete(
    `${base}/:id`,
    {
      schema: { summary: 'Remove a phone number', tags, params, response: { 204: z.null() } },
      config: { permission: 'signed-in', stepUp: true },
    },
    async (request, reply) => {
      const userId = memberOf(request);
      await removePhoneNumber(request.ctx, userId, request.params.id);
      // Where it was the last second factor.
      await kernel.database.asSystem((queries) => settleWithout(queries, userId));
      return reply.code(204).send(null);
    },
  );
}
