// What tenancy tells the log of a member's second factor, and of what it is asked for. Told in each of their workspaces.
import { z } from 'zod';
import { type AuditRule, defineEvent } from '../../../core/events.ts';

const ofMember = (type: string, doc: string, more: Partial<AuditRule<{ userId: string }>> = {}) =>
  defineEvent({
    type,
    doc,
    permission: 'audit:read',
    payload: z.object({ userId: z.string() }),
    audit: { target: 'member', id: 'userId', ...more },
  });
const alerting = { alerts: () => true };

export const totpEnabled = ofMember(
  'second_factor.enabled',
  'A member has an authenticator app as second factor.',
);
export const totpDisabled = ofMember(
  'second_factor.disabled',
  'A member has no authenticator app as second factor any more.',
  alerting,
);
export const backupCodesMade = ofMember(
  'backup_codes.made',
  'A member has new backup codes; those before them are void.',
);
export const backupCodeUsed = ofMember(
  'backup_code.used',
  'A member gave a backup code instead of their second factor.',
  alerting,
);
export const passkeyAdded = ofMember('passkey.added', 'A member has one more passkey.');
export const passkeyRemoved = ofMember('passkey.removed', 'A member has one passkey less.');
export const secondFactorReset = ofMember(
  'second_factor.reset',
  'A member’s second factors were all taken away, by an owner or admin, or from the command line.',
  alerting,
);

/** Somebody mistypes a code now and then; nobody so often. */
const failuresPerHourMax = 10;
const ofFailure = (type: string, doc: string) =>
  defineEvent({
    type,
    doc: `${doc} Told at most once a minute for each member, with how often. Owners and admins are alerted when it was ten times within an hour.`,
    permission: 'audit:read',
    payload: z.object({ userId: z.string(), count: z.number().int(), withinHour: z.number().int() }),
    audit: {
      target: 'member',
      id: 'userId',
      result: 'failed',
      alerts: ({ withinHour }) => withinHour >= failuresPerHourMax,
    },
  });

export const stepUpFailed = ofFailure(
  'step_up.failed',
  'Somebody at a member’s session was asked to prove that it is them, and could not.',
);
export const secondFactorFailed = ofFailure(
  'second_factor.failed',
  'Somebody who signed in with a member’s password gave a wrong code as second factor.',
);

export const secondFactorEvents = [
  totpEnabled,
  totpDisabled,
  backupCodesMade,
  backupCodeUsed,
  passkeyAdded,
  passkeyRemoved,
  secondFactorReset,
  stepUpFailed,
  secondFactorFailed,
] as const;
