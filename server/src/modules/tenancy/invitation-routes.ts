// HTTP of invitations, of open sign-up, and of the owner of a workspace.
import { id } from '@parley/contract/common';
import {
  acceptedInvitation,
  changeOwnership,
  createdInvitation,
  createdWorkspace,
  createInvitation as createInvitationSchema,
  createWorkspace,
  invitationList,
  linkToken,
  newAccount,
  readInvitation,
  readSignUp,
  signUp,
} from '@parley/contract/invitations';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ParleyError } from '../../core/errors.ts';
import type { Principal } from '../../core/http.ts';
import type { Kernel } from '../../core/kernel.ts';
import { originOf } from '../../core/request-origin.ts';
import { acceptAsNew, acceptAsUser, describeInvitation } from './acceptance.ts';
import { readPreferences, signedInUserId } from './account.ts';
import { type AccountAsk, languageOf } from './account-asks.ts';
import {
  createInvitation,
  isMemberByEmail,
  listInvitations,
  renewInvitation,
  withdrawInvitation,
} from './invitations.ts';
import { LockOut } from './lock-out.ts';
import { transferOwnership } from './ownership.ts';
import { askToSignUp, describeSignUp, finishSignUp, makeOwnWorkspace } from './sign-up.ts';

const tags = ['members'];
const params = z.object({ id });
const read = { permission: 'members:manage' };
const manage = { ...read, stepUp: true };
/** For who has a link and nothing else: tokens cannot be guessed, and this keeps them from being tried. */
const open = { permission: 'public', rateLimit: { max: 60, timeWindow: '1 minute' } };

const browserLanguage = (request: FastifyRequest): AccountAsk['language'] =>
  languageOf(new Headers({ 'accept-language': String(request.headers['accept-language'] ?? '') }));

export function registerInvitationRoutes(server: FastifyInstance, kernel: Kernel): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  const lockOut = new LockOut(kernel);

  const languageOfActor = async (request: FastifyRequest): Promise<AccountAsk['language']> => {
    const { kind, id: userId } = request.ctx.actor;
    const chosen =
      kind === 'member' && userId ? (await readPreferences(kernel.systemContext(), userId)).language : null;
    return chosen ?? browserLanguage(request);
  };
  /** Nobody is to be flooded with mails that others ask for. */
  const requireMayMail = async (workspaceId: string, what: string): Promise<void> => {
    if (await lockOut.mayMail(`${workspaceId} ${what}`)) return;
    throw new ParleyError({
      status: 429,
      code: 'too_many_mails',
      message: 'This invitation went out several times already. Try again in an hour.',
    });
  };

  app.get(
    '/api/v1/invitations',
    {
      schema: { summary: 'List invitations', tags, response: { 200: invitationList } },
      config: read,
    },
    async (request) => ({ items: await listInvitations(request.ctx) }),
  );
  app.post(
    '/api/v1/invitations',
    {
      schema: {
        summary: 'Invite somebody to become a member',
        description:
          'A link is mailed to the address. Where no mail is sent, it is in this answer, to hand over, and nowhere else. Whether there is an account with the address is not told.',
        tags,
        body: createInvitationSchema,
        response: { 201: createdInvitation },
      },
      config: { ...manage, idempotent: true },
    },
    async (request, reply) => {
      const { ctx, body } = request;
      await requireMayMail(ctx.workspaceId, body.email);
      const language = await languageOfActor(request);
      const isMember = await isMemberByEmail(kernel, ctx.workspaceId, body.email);
      return reply.code(201).send(await createInvitation(ctx, { ...body, language, isMember }));
    },
  );
  app.post(
    '/api/v1/invitations/:id/link',
    {
      schema: {
        summary: 'Send an invitation again',
        description: 'With another link, for another week; the one before is void.',
        tags,
        params,
        response: { 201: createdInvitation },
      },
      config: { ...manage, idempotent: true },
    },
    async (request, reply) => {
      await requireMayMail(request.ctx.workspaceId, request.params.id);
      return reply.code(201).send(await renewInvitation(request.ctx, request.params.id));
    },
  );
  app.delete(
    '/api/v1/invitations/:id',
    {
      schema: { summary: 'Withdraw an invitation', tags, params, response: { 204: z.null() } },
      config: manage,
    },
    async (request, reply) => {
      await withdrawInvitation(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/v1/invitation',
    {
      schema: {
        summary: 'Read an invitation, with its link',
        tags,
        body: linkToken,
        response: { 200: readInvitation },
      },
      config: open,
    },
    async (request) => describeInvitation(kernel, request.body.token),
  );
  app.post(
    '/api/v1/invitation/account',
    {
      schema: {
        summary: 'Accept an invitation, with a new account',
        description: '409 `account_exists` where there is one: sign in, and accept with it.',
        tags,
        body: newAccount,
        response: { 201: acceptedInvitation },
      },
      config: open,
    },
    async (request, reply) =>
      reply.code(201).send(await acceptAsNew(kernel, request.body, originOf(request))),
  );
  app.post(
    '/api/v1/invitation/acceptance',
    {
      schema: {
        summary: 'Accept an invitation, as who is signed in',
        tags,
        body: linkToken,
        response: { 201: acceptedInvitation },
      },
      config: { permission: 'signed-in' },
    },
    async (request, reply) => {
      const principal = request.principal as Principal;
      const who = { userId: signedInUserId(principal), onlyWorkspace: principal.onlyWorkspace ?? null };
      return reply.code(201).send(await acceptAsUser(kernel, request.body.token, who, originOf(request)));
    },
  );

  app.post(
    '/api/v1/sign-up',
    {
      schema: {
        summary: 'Ask for an account',
        description:
          'Where the installation is open to strangers. A link is mailed; the answer is the same whether or not there is an account with the address.',
        tags: ['auth'],
        body: signUp,
        response: { 202: z.null() },
      },
      config: open,
    },
    async (request, reply) => {
      await askToSignUp(kernel, request.body.email, browserLanguage(request));
      return reply.code(202).send(null);
    },
  );
  app.post(
    '/api/v1/sign-up/link',
    {
      schema: {
        summary: 'Read which address a link confirms',
        tags: ['auth'],
        body: linkToken,
        response: { 200: readSignUp },
      },
      config: open,
    },
    async (request) => describeSignUp(kernel, request.body.token),
  );
  app.post(
    '/api/v1/sign-up/account',
    {
      schema: {
        summary: 'Make the account, with the link from the mail',
        tags: ['auth'],
        body: newAccount,
        response: { 201: readSignUp },
      },
      config: open,
    },
    async (request, reply) => reply.code(201).send(await finishSignUp(kernel, request.body)),
  );
  app.post(
    '/api/v1/workspaces',
    {
      schema: {
        summary: 'Make a workspace',
        description:
          'Of one’s own, where the installation is open to strangers, and with a confirmed address.',
        tags: ['workspace'],
        body: createWorkspace,
        response: { 201: createdWorkspace },
      },
      config: { permission: 'signed-in' },
    },
    async (request, reply) => {
      const userId = signedInUserId(request.principal as Principal);
      return reply.code(201).send(await makeOwnWorkspace(kernel, userId, request.body, originOf(request)));
    },
  );
  app.put(
    '/api/v1/workspace/ownership',
    {
      schema: {
        summary: 'Hand the workspace to another owner',
        description: 'Whoever does it is an admin from then on. Both are told by mail.',
        tags: ['workspace'],
        body: changeOwnership,
        response: { 204: z.null() },
      },
      config: { permission: 'owners:manage', stepUp: true },
    },
    async (request, reply) => {
      await transferOwnership(kernel, request.ctx, request.body.userId);
      return reply.code(204).send(null);
    },
  );
}
