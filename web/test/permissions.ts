import type { ListedPermission } from '@parley/contract/roles';

const listed = (name: string, area: ListedPermission['area'], roles: ListedPermission['roles']) => ({
  name,
  area,
  allows: name,
  roles,
  ownersOnly: false,
});

/** Some of what the server lists, by name as it does. */
export const permissionTable: { items: ListedPermission[] } = {
  items: [
    listed('channels:read', 'channels', ['owner', 'admin', 'agent', 'viewer']),
    listed('conversations:write', 'conversations', ['owner', 'admin', 'agent']),
    listed('conversations:read', 'conversations', ['owner', 'admin', 'agent', 'viewer']),
    listed('keys:manage', 'people', ['owner', 'admin']),
    { ...listed('owners:manage', 'people', ['owner']), ownersOnly: true },
  ],
};
