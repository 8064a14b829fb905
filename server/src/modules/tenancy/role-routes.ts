// HTTP of roles: the workspace's own, and the permissions that they are made of.
import { id } from '@parley/contract/common';
import { permissionList, workspaceRole, workspaceRoleList, writeRole } from '@parley/contract/roles';
import { role } from '@parley/contract/tenancy';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { areaOf, ownersOnly, type Permission, permissions, permissionsOfRole } from './permissions.ts';
import { changeRole, createRole, deleteRole, listRoles } from './roles.ts';

const tags = ['roles'];
const read = { permission: 'members:read' };
const manage = { permission: 'roles:manage', stepUp: true };
const params = z.object({ id });

const listed = (Object.entries(permissions) as [Permission, string][]).map(([name, allows]) => ({
  name,
  area: areaOf(name),
  allows,
  roles: role.options.filter((each) => permissionsOfRole[each].has(name)),
  ownersOnly: ownersOnly.has(name),
}));

export function registerRoleRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/api/v1/permissions',
    {
      schema: {
        summary: 'List permissions',
        description: 'What there is to be allowed, and which of the roles that come with Parley allow it.',
        tags,
        response: { 200: permissionList },
      },
      config: read,
    },
    async () => ({ items: listed }),
  );
  app.get(
    '/api/v1/roles',
    {
      schema: { summary: 'List the workspace’s own roles', tags, response: { 200: workspaceRoleList } },
      config: read,
    },
    async (request) => ({ items: await listRoles(request.ctx) }),
  );
  app.post(
    '/api/v1/roles',
    {
      schema: {
        summary: 'Make a role of the workspace’s own',
        description: 'Of permissions that whoever makes it has.',
        tags,
        body: writeRole,
        response: { 201: workspaceRole },
      },
      config: { ...manage, idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await createRole(request.ctx, request.body)),
  );
  app.put(
    '/api/v1/roles/:id',
    {
      schema: {
        summary: 'Change a role of the workspace’s own',
        description:
          'It counts from the next request on, for all who have it. What it allowed and will allow, whoever changes it must be allowed too.',
        tags,
        params,
        body: writeRole,
        response: { 200: workspaceRole },
      },
      config: manage,
    },
    async (request) => changeRole(request.ctx, request.params.id, request.body),
  );
  app.delete(
    '/api/v1/roles/:id',
    {
      schema: {
        summary: 'Delete a role of the workspace’s own',
        description: 'One that nobody has: 409 says how many have it.',
        tags,
        params,
        response: { 204: z.null() },
      },
      config: manage,
    },
    async (request, reply) => {
      await deleteRole(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
}
