// How the secrets of authenticator apps are sealed: with a key of the installation, for users belong to no workspace.
import type { InstallationColumn } from '../../../core/rotation.ts';

export const totpColumn = {
  table: 'totp_secrets',
  column: 'sealed',
  key: ['id'],
  place: (row) => totpPlace(row.id as string),
  purpose: 'second factors',
} as const satisfies InstallationColumn;

export const totpPlace = (id: string) => `totp_secrets.sealed:${id}`;
