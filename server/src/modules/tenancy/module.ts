import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../core/http.ts';
import type { Kernel } from '../../core/kernel.ts';
import { type Module, subscribe } from '../../core/module.ts';
import { work } from '../../core/queue.ts';
import { answerAsk, answerNotedAsk, forgetAsks, forgetOldAsks } from './account-asks.ts';
import { checkpointPlace, headPlace } from './audit/chain.ts';
import {
  accessRefused,
  alertDismissed,
  auditExported,
  auditRead,
  deviceSeen,
  emailChanged,
  keysRotated,
  passwordChanged,
  securityAlerted,
  sessionBegan,
  sessionEnded,
  signInFailed,
  signingKeyRotated,
  tokenReused,
  tokensMade,
} from './audit/events.ts';
import { keyReadsExceeded } from './audit/key-reads.ts';
import {
  apiKeyCreated,
  apiKeyRevoked,
  apiKeyRotated,
  invitationCreated,
  invitationRenewed,
  invitationWithdrawn,
  memberChanged,
  memberCreated,
  memberRemoved,
  ownershipTransferred,
  roleChanged,
  roleCreated,
  roleDeleted,
  workspaceChanged,
  workspaceCreated,
} from './events.ts';
import { identityLinked, identityUnlinked, ssoChanged, ssoRemoved } from './identity/events.ts';
import { secretPlace } from './identity/providers.ts';
import {
  forgetInvitations,
  forgetOldInvitations,
  mailInvitation,
  mailNotedInvitation,
} from './invitations.ts';
import { forgetAttempts, forgetOldAttempts } from './lock-out.ts';
import {
  phoneNumberAdded,
  phoneNumberRemoved,
  phoneNumberVerified,
  smsFactorDisabled,
  smsFactorEnabled,
} from './phone-numbers/events.ts';
import { phoneNumberKeyPlace } from './phone-numbers/hash-key.ts';
import { phoneNumberPlace } from './phone-numbers/numbers.ts';
import { mailOfNumber, tellOfNumber } from './phone-numbers/tell.ts';
import { secondFactorEvents } from './second-factor/events.ts';
import { totpColumn } from './second-factor/sealed.ts';
import { stored } from './stored.ts';
import { forgetOldTokens, forgetTokens } from './tokens/families.ts';
import { tellOfTokenReuse, tellTokenReuse } from './tokens/reuse.ts';
import { renewDueSigningKeys, renewSigningKeys, signingKeyColumn } from './tokens/signing-keys.ts';

export const tenancyModule: Module = {
  name: 'tenancy',
  routes: async (server, kernel) => (await import('./routes.ts')).registerTenancyRoutes(server, kernel),
  jobs: [
    work(answerAsk, answerNotedAsk),
    work(mailInvitation, mailNotedInvitation),
    work(forgetInvitations, forgetOldInvitations),
    work(forgetAsks, forgetOldAsks),
    work(forgetAttempts, forgetOldAttempts),
    work(tellOfNumber, mailOfNumber),
    work(forgetTokens, forgetOldTokens),
    work(renewSigningKeys, renewDueSigningKeys),
    work(tellTokenReuse, tellOfTokenReuse),
  ],
  schedules: [
    { job: forgetAttempts, cron: '47 * * * *', input: {} },
    { job: forgetInvitations, cron: '27 4 * * *', input: {} },
    { job: forgetTokens, cron: '17 3 * * *', input: {} },
    { job: renewSigningKeys, cron: '7 * * * *', input: {} },
    { job: forgetAsks, cron: '37 4 * * *', input: {} },
  ],
  events: [
    apiKeyCreated,
    apiKeyRevoked,
    apiKeyRotated,
    invitationCreated,
    invitationRenewed,
    invitationWithdrawn,
    memberCreated,
    memberChanged,
    memberRemoved,
    ownershipTransferred,
    roleCreated,
    roleChanged,
    roleDeleted,
    workspaceCreated,
    workspaceChanged,
    securityAlerted,
    alertDismissed,
    auditRead,
    auditExported,
    accessRefused,
    sessionBegan,
    sessionEnded,
    tokensMade,
    keysRotated,
    signingKeyRotated,
    signInFailed,
    deviceSeen,
    passwordChanged,
    emailChanged,
    keyReadsExceeded,
    phoneNumberAdded,
    phoneNumberVerified,
    phoneNumberRemoved,
    smsFactorEnabled,
    smsFactorDisabled,
    tokenReused,
    ...secondFactorEvents,
    ssoChanged,
    ssoRemoved,
    identityLinked,
    identityUnlinked,
  ],
  subscriptions: [
    subscribe(phoneNumberVerified, tellOfNumber, ({ userId }, { workspaceId }) => ({
      input: { workspaceId, userId, news: 'verified' as const },
    })),
    subscribe(phoneNumberRemoved, tellOfNumber, ({ userId, wasVerified }, { workspaceId }) =>
      wasVerified ? { input: { workspaceId, userId, news: 'removed' as const } } : null,
    ),
  ],
  stored,
  sealed: [
    {
      table: 'sso_connections',
      column: 'secret',
      key: ['workspace_id'],
      place: (row) => secretPlace(row.workspace_id as string),
    },
    {
      table: 'audit_heads',
      column: 'sealed',
      key: ['workspace_id'],
      place: (row) => headPlace(row.workspace_id as string),
    },
    {
      table: 'phone_number_keys',
      column: 'key',
      key: ['workspace_id'],
      place: (row) => phoneNumberKeyPlace(row.workspace_id as string),
    },
    {
      table: 'member_phone_numbers',
      column: 'number',
      key: ['id'],
      place: (row) => phoneNumberPlace(row.id as string),
    },
    {
      table: 'audit_checkpoints',
      column: 'sealed',
      key: ['workspace_id'],
      place: (row) => checkpointPlace(row.workspace_id as string),
    },
  ],
  sealedByInstallation: [totpColumn, signingKeyColumn],
};

/** Reads who a request comes from; loaded where requests come. */
export async function createAuthenticator(
  kernel: Kernel,
): Promise<(request: FastifyRequest) => Promise<Principal | null>> {
  return (await import('./routes.ts')).createAuthenticator(kernel);
}

export { actionsOf, auditedActions } from './audit/audited.ts';
export { trail } from './audit/trail.ts';
export { createSecurityWatch, securityWatch } from './audit/watch.ts';
export { identityClients } from './identity/port.ts';
export { Supabase } from './identity/supabase.ts';
export { codeSender } from './phone-numbers/code-sender.ts';
export { createStepUp } from './second-factor/step-up.ts';
export { createSignIn } from './sign-in.ts';
export { signInPort } from './sign-in-port.ts';
export { createSocketCredentials } from './socket-credentials.ts';
export { supabasePort } from './tokens/bearer.ts';
export { SigningKeys, signingKeys } from './tokens/signing-keys.ts';
