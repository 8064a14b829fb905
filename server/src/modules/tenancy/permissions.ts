// The one table of who may do what. Checks, documents and the UI come from it.
import type { PermissionArea } from '@parley/contract/roles';
import type { Role } from '@parley/contract/tenancy';

export const permissions = {
  'assistant:read': 'See the assistant, its runs and its models',
  'assistant:manage': 'Change the assistant, its knowledge, its models and its budget',
  'audit:read': 'Read and export the audit; see and dismiss security alerts',
  'channels:read': 'See channels and their health',
  'channels:manage': 'Connect, test and remove channels; rent and release numbers',
  'chat:use': 'Chat with the assistant in the app',
  'conversations:moderate': 'Change and remove notes and shared views of others',
  'conversations:read': 'See conversations and messages',
  'conversations:write': 'Take over, hand back, flag, archive; record consent',
  'events:read': "Read the workspace's event log",
  'interactions:record': 'Record what people do with products',
  'keys:manage': 'Make and revoke API keys',
  'mails:read': 'Read the mails of the demo, where no mail server is set',
  'members:manage': 'Add and remove members, change their roles',
  'members:read': 'See who is a member, and leave',
  'messages:send': 'Send messages; approve, edit and discard drafts; retry',
  'models:ask': 'Ask models through the OpenAI-compatible API',
  'operations:manage': 'See and replay dead letters',
  'owners:manage': 'Make, change and remove owners',
  'privacy:manage': 'Change how long things are kept, export and erase contacts, set and end legal holds',
  'privacy:read': 'See how long things are kept, and reports of what went',
  'products:manage': 'Add, change, archive and import products; train recommendations',
  'products:read': 'See products and recommendations',
  'roles:manage': 'Make, change and delete roles of the workspace’s own',
  'sso:manage': 'Set the workspace’s own sign-in: whose identity provider says who is which member',
  'workspace:erase': 'Erase the workspace with everything in it',
  'workspace:export': 'Export the whole workspace: audit, webhook calls and private chats of members too',
  'workspace:manage': 'Change the name, the country and the time zone of the workspace',
} as const;

export type Permission = keyof typeof permissions;

type Prefix = Permission extends `${infer Name}:${string}` ? Name : never;

/** Where a permission is found among the others, by what stands before its colon. */
const areas: Readonly<Record<Prefix, PermissionArea>> = {
  conversations: 'conversations',
  messages: 'conversations',
  chat: 'assistant',
  assistant: 'assistant',
  models: 'assistant',
  channels: 'channels',
  products: 'shop',
  interactions: 'shop',
  members: 'people',
  owners: 'people',
  roles: 'people',
  sso: 'workspace',
  keys: 'people',
  audit: 'workspace',
  events: 'workspace',
  mails: 'workspace',
  operations: 'workspace',
  privacy: 'workspace',
  workspace: 'workspace',
};

export const areaOf = (permission: Permission): PermissionArea => areas[permission.split(':')[0] as Prefix];

const viewer: Permission[] = [
  'assistant:read',
  'channels:read',
  'chat:use',
  'conversations:read',
  'events:read',
  'members:read',
  'products:read',
];
const agent: Permission[] = [
  ...viewer,
  'conversations:write',
  'interactions:record',
  'messages:send',
  'models:ask',
];
const owner = Object.keys(permissions) as Permission[];
/** What no own role is given, nor a key, but by the operator. */
export const ownersOnly: ReadonlySet<string> = new Set<Permission>([
  'mails:read',
  'owners:manage',
  'workspace:erase',
  'sso:manage',
  'workspace:export',
]);
const admin = owner.filter((permission) => !ownersOnly.has(permission));

export const permissionsOfRole: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  viewer: new Set(viewer),
  agent: new Set(agent),
  admin: new Set(admin),
  owner: new Set(owner),
};
