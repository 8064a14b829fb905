// HTTP of proving that it is oneself, and of what a user has besides the password: for whoever is signed in. And of what a
// workspace makes of it.
import {
  addedPasskey,
  addPasskey as addPasskeySchema,
  backupCodes,
  changeSecondFactorRule as changeRuleSchema,
  confirmTotp as confirmTotpSchema,
  passkey,
  passkeyOptions,
  renamePasskey as renamePasskeySchema,
  secondFactor,
  totpSetup,
  verification,
  verifySession as verifySessionSchema,
} from '@parley/contract/second-factor';
import { workspace } from '@parley/contract/tenancy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Principal } from '../../../core/http.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { originOf } from '../../../core/request-origin.ts';
import { signedInUserId } from '../account.ts';
import { signInHeaders } from '../request-headers.ts';
import { beginTotp, confirmTotp, disableTotp, readSecondFactor, renewBackupCodes } from './factors.ts';
import { addPasskey, beginPasskey, removePasskey, renamePasskey } from './passkeys.ts';
import { forgetDevice, forgetDevices } from './remembered-devices.ts';
import { resetMember } from './reset.ts';
import { changeSecondFactorRule } from './rule.ts';
import { readVerification, verifySession } from './verification.ts';

const tags = ['auth'];
const signedIn = { permission: 'signed-in' };
const proved = { ...signedIn, stepUp: true };
const none = { 204: z.null() };
const principalOf = (request: FastifyRequest) => request.principal as Principal;
const userOf = (request: FastifyRequest) => signedInUserId(principalOf(request));

export function registerSecondFactorRoutes(server: FastifyInstance, kernel: Kernel): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  registerTotpRoutes(server, kernel);
  registerPasskeyRoutes(server, kernel);

  app.get(
    '/api/v1/auth/verification',
    {
      schema: {
        summary: 'Whether the session was proved lately, and how it can be',
        tags,
        response: { 200: verification },
      },
      config: { ...signedIn, boundSession: true },
    },
    async (request) => readVerification(kernel, principalOf(request)),
  );
  app.put(
    '/api/v1/auth/verification',
    {
      schema: {
        summary: 'Prove once more that it is you',
        description:
          'What is marked `x-step-up` is done for ten minutes after it; a sign-in counts too: it is the only proof of who came by their company’s. API keys are not asked.',
        tags,
        body: verifySessionSchema,
        response: { 200: verification },
      },
      config: signedIn,
    },
    async (request) =>
      verifySession(kernel, principalOf(request), request.body, signInHeaders(request), originOf(request)),
  );
  app.put(
    '/api/v1/workspace/second-factor',
    {
      schema: {
        summary: 'Say whether members have to have a second factor',
        description:
          'Required: nothing of the workspace is open to a member without one, and their sockets are closed. API keys go on. Whoever requires it has one.',
        tags: ['workspace'],
        body: changeRuleSchema,
        response: { 200: workspace },
      },
      config: { permission: 'workspace:manage', stepUp: true },
    },
    async (request) =>
      changeSecondFactorRule(kernel, request.ctx, principalOf(request), request.body.secondFactor),
  );
  app.delete(
    '/api/v1/members/:userId/second-factor',
    {
      schema: {
        summary: 'Take away all second factors of a member who lost them',
        description:
          'Their sessions end, and they are told by mail. Only where you manage every workspace that they are in.',
        tags: ['members'],
        params: z.object({ userId: z.string().min(1).max(100) }),
        response: none,
      },
      config: { permission: 'members:manage', stepUp: true },
    },
    async (request, reply) => {
      const onlyWorkspace = request.principal?.onlyWorkspace ?? null;
      await resetMember(kernel, request.ctx, request.params.userId, onlyWorkspace);
      return reply.code(204).send(null);
    },
  );
}

function registerTotpRoutes(server: FastifyInstance, kernel: Kernel): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/api/v1/auth/second-factor',
    {
      schema: { summary: 'What you have besides the password', tags, response: { 200: secondFactor } },
      config: signedIn,
    },
    async (request) => readSecondFactor(kernel, userOf(request)),
  );
  app.post(
    '/api/v1/auth/totp-setup',
    {
      schema: {
        summary: 'Begin to set up an authenticator app',
        description: 'One that is in use stays so until a code of the new one is given.',
        tags,
        response: { 201: totpSetup },
      },
      config: proved,
    },
    async (request, reply) => reply.code(201).send(await beginTotp(kernel, userOf(request))),
  );
  app.put(
    '/api/v1/auth/totp',
    {
      schema: {
        summary: 'Use the authenticator app from now on',
        description:
          'With a first code of it. Backup codes come with the first second factor, and are shown this once.',
        tags,
        body: confirmTotpSchema,
        response: { 200: backupCodes },
      },
      config: proved,
    },
    async (request) => confirmTotp(kernel, userOf(request), request.body.code, originOf(request)),
  );
  app.delete(
    '/api/v1/auth/totp',
    {
      schema: {
        summary: 'Use no authenticator app any more',
        description: 'With the last second factor go the backup codes and the remembered devices.',
        tags,
        response: none,
      },
      config: proved,
    },
    async (request, reply) => {
      await disableTotp(kernel, userOf(request), originOf(request));
      return reply.code(204).send(null);
    },
  );
  app.post(
    '/api/v1/auth/backup-codes',
    {
      schema: {
        summary: 'Make new backup codes',
        description: 'Those before them are void. They are shown this once.',
        tags,
        response: { 201: backupCodes },
      },
      config: proved,
    },
    async (request, reply) =>
      reply.code(201).send(await renewBackupCodes(kernel, userOf(request), originOf(request))),
  );
  app.delete(
    '/api/v1/auth/remembered-devices/:id',
    {
      schema: {
        summary: 'Ask for the second factor in a browser again',
        tags,
        params: z.object({ id: z.uuid() }),
        response: none,
      },
      config: signedIn,
    },
    async (request, reply) => {
      await forgetDevice(kernel, userOf(request), request.params.id);
      return reply.code(204).send(null);
    },
  );
  app.delete(
    '/api/v1/auth/remembered-devices',
    {
      schema: { summary: 'Ask for the second factor in every browser again', tags, response: none },
      config: signedIn,
    },
    async (request, reply) => {
      const userId = userOf(request);
      await kernel.database.asSystem((queries) => forgetDevices(queries, userId));
      return reply.code(204).send(null);
    },
  );
}

function registerPasskeyRoutes(server: FastifyInstance, kernel: Kernel): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  const params = z.object({ id: z.string().min(1).max(100) });

  app.post(
    '/api/v1/auth/passkey-setup',
    {
      schema: {
        summary: 'Begin to make a passkey',
        description: 'The answer is for `navigator.credentials.create`; a cookie holds what belongs to it.',
        tags,
        response: { 201: passkeyOptions },
      },
      config: proved,
    },
    async (request, reply) => {
      const { body, setCookies } = await beginPasskey(kernel, userOf(request), signInHeaders(request));
      return reply
        .code(201)
        .header('set-cookie', [...setCookies])
        .send(passkeyOptions.parse(body));
    },
  );
  app.post(
    '/api/v1/auth/passkeys',
    {
      schema: {
        summary: 'Add the passkey that the browser has made',
        description: 'Backup codes come with the first second factor, and are shown this once.',
        tags,
        body: addPasskeySchema,
        response: { 201: addedPasskey },
      },
      config: proved,
    },
    async (request, reply) => {
      const [userId, headers] = [userOf(request), signInHeaders(request)];
      return reply.code(201).send(await addPasskey(kernel, userId, request.body, headers, originOf(request)));
    },
  );
  app.put(
    '/api/v1/auth/passkeys/:id',
    {
      schema: {
        summary: 'Give a passkey another name',
        tags,
        params,
        body: renamePasskeySchema,
        response: { 200: passkey },
      },
      config: signedIn,
    },
    async (request) => renamePasskey(kernel, userOf(request), request.params.id, request.body.name),
  );
  app.delete(
    '/api/v1/auth/passkeys/:id',
    { schema: { summary: 'Remove a passkey', tags, params, response: none }, config: proved },
    async (request, reply) => {
      await removePasskey(kernel, userOf(request), request.params.id, originOf(request));
      return reply.code(204).send(null);
    },
  );
}
