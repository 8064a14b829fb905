// HTTP of members: who is in the workspace, and what their roles are.
import {
  changeMember as changeMemberSchema,
  member,
  memberList,
  removeMemberQuery,
} from '@parley/contract/tenancy';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { notFound } from '../../core/errors.ts';
import type { Kernel } from '../../core/kernel.ts';
import { changeMember, leaveWorkspace, listMembers, removeMember } from './members.ts';

const params = z.object({ userId: z.string().min(1).max(100) });
const tags = ['members'];
const read = { permission: 'members:read' };
const manage = { permission: 'members:manage', stepUp: true };

export function registerMemberRoutes(server: FastifyInstance, kernel: Kernel): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  const ctx = kernel.systemContext();

  app.get(
    '/api/v1/members',
    { schema: { summary: 'List members', tags, response: { 200: memberList } }, config: read },
    async (request) => ({ items: await listMembers(ctx, request.ctx.workspaceId) }),
  );
  app.put(
    '/api/v1/members/:userId',
    {
      schema: {
        summary: 'Give a member another role',
        description:
          'It counts from the next request on. Only owners make and change owners, and the last one stays.',
        tags,
        params,
        body: changeMemberSchema,
        response: { 200: member },
      },
      config: manage,
    },
    async (request) => {
      const { userId } = request.params;
      await changeMember(request.ctx, userId, request.body);
      const [changed] = await listMembers(ctx, request.ctx.workspaceId, userId);
      // Removed in the moment between.
      if (!changed) throw notFound('member');
      return changed;
    },
  );
  app.delete(
    '/api/v1/members/me',
    {
      schema: {
        summary: 'Leave the workspace',
        description: 'For every member but the last owner.',
        tags,
        response: { 204: z.null() },
      },
      config: read,
    },
    async (request, reply) => {
      await leaveWorkspace(request.ctx);
      return reply.code(204).send(null);
    },
  );
  app.delete(
    '/api/v1/members/:userId',
    {
      schema: {
        summary: 'Remove a member',
        description:
          'Their conversations become nobody’s. API keys that they made stay, unless `revokeKeys` is true.',
        tags,
        params,
        querystring: removeMemberQuery,
        response: { 204: z.null() },
      },
      config: manage,
    },
    async (request, reply) => {
      await removeMember(request.ctx, request.params.userId, request.query);
      return reply.code(204).send(null);
    },
  );
}
