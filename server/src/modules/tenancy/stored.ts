// What the tables of this module keep of people, and for how long.
import type { StoredTable } from '../../core/stored-tables.ts';

export const stored: readonly StoredTable[] = [
  {
    table: 'workspaces',
    key: ['workspace_id'],
    keeps: 'name, country and time zone',
    exported: { as: 'workspace' },
  },
  {
    table: 'workspace_keys',
    key: ['version'],
    keeps: 'the data keys, wrapped; destroying them is how a workspace is erased',
  },
  { table: 'roles', key: ['id'], keeps: 'roles of the workspace’s own', exported: { as: 'roles' } },
  {
    table: 'invitations',
    key: ['id'],
    keeps: 'who was asked to become a member',
    exported: { as: 'invitations', omit: ['token_hash'] },
  },
  { table: 'members', key: ['user_id'], keeps: 'who is a member', exported: { as: 'members' } },
  {
    table: 'api_keys',
    key: ['id'],
    keeps: 'keys of programs, hashed',
    exported: { as: 'api-keys', omit: ['hash', 'previous_hash'] },
  },
  { table: 'api_key_reads', key: ['api_key_id', 'hour'], keeps: 'how much keys read' },
  {
    table: 'audit_entries',
    key: ['number'],
    keeps: 'who did what to what: ids only; retained by `audit/retire.ts`, which keeps the chain whole',
    exported: { as: 'audit', omit: ['origin_salt'] },
  },
  { table: 'audit_checkpoints', key: ['workspace_id'], keeps: 'up to where the audit went by rule' },
  { table: 'audit_heads', key: ['workspace_id'], keeps: 'the end of the chain' },
  {
    table: 'phone_number_keys',
    key: ['workspace_id'],
    keeps: 'the key by which numbers of members are found',
  },
  {
    table: 'member_phone_numbers',
    key: ['id'],
    keeps: 'phone numbers of members',
    exported: { as: 'member-phone-numbers', omit: ['number_hash'] },
  },
  { table: 'phone_codes', key: ['phone_number_id', 'purpose'], keeps: 'codes to members, hashed' },
  {
    table: 'sso_connections',
    key: ['workspace_id'],
    keeps: 'the workspace’s own sign-in',
    exported: { as: 'single-sign-on', omit: ['secret'] },
  },
  { table: 'sso_domains', key: ['domain'], keeps: 'the domains of that sign-in' },
  { table: 'sso_identities', key: ['issuer', 'subject'], keeps: 'who members are to their company' },
  { table: 'security_alerts', key: ['id'], keeps: 'what owners should look at: kinds and ids' },
];
