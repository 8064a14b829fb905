// What the audit itself tells the log, and the events of which nothing else tells: refusals, sign-ins, floods.
import { z } from 'zod';
import { defineEvent } from '../../../core/events.ts';

const permission = 'audit:read';

export const securityAlerted = defineEvent({
  type: 'security.alerted',
  doc: 'Something happened that owners and admins should look at; the same thing again is told at most once an hour while nobody has dismissed it.',
  permission,
  payload: z.object({
    alertId: z.uuid(),
    /** The action of the entry in the audit. */
    kind: z.string(),
    targetKind: z.string(),
    targetId: z.string().nullable(),
    entryNumber: z.number().int(),
  }),
});
export const alertDismissed = defineEvent({
  type: 'security_alert.dismissed',
  doc: 'Somebody has looked at an alert and put it away.',
  permission,
  payload: z.object({ alertId: z.uuid(), kind: z.string() }),
  audit: { target: 'security_alert', id: 'alertId' },
});
export const auditRead = defineEvent({
  type: 'audit.read',
  doc: 'The audit was read; told at most once a minute for each reader, with how often.',
  permission,
  payload: z.object({ count: z.number().int() }),
  audit: { target: 'audit', id: null },
});
export const auditExported = defineEvent({
  type: 'audit.exported',
  doc: 'The audit was exported.',
  permission,
  payload: z.object({ format: z.string(), filters: z.array(z.string()) }),
  audit: { target: 'audit', id: null },
});
export const accessRefused = defineEvent({
  type: 'access.refused',
  doc: 'A member or a key asked for a change that they may not make; told at most once a minute for each of them and each route, with how often.',
  permission,
  payload: z.object({ route: z.string(), count: z.number().int() }),
  audit: { target: 'route', id: 'route', result: 'refused' },
});

/** Somebody mistypes a password now and then; nobody so often. */
const failuresPerHourMax = 10;

export const signInFailed = defineEvent({
  type: 'sign_in.failed',
  doc: 'Somebody gave a wrong password for a member’s address; told at most once a minute for each member, with how often. Owners and admins are alerted when it was ten times within an hour.',
  permission,
  payload: z.object({ userId: z.string(), count: z.number().int(), withinHour: z.number().int() }),
  audit: {
    target: 'member',
    id: 'userId',
    result: 'failed',
    alerts: ({ withinHour }) => withinHour >= failuresPerHourMax,
  },
});
/** Besides the first step of a sign-in; a passkey is both. */
const givenFactor = z.enum(['totp', 'passkey', 'sms', 'backup_code', 'remembered']);
export type GivenFactor = z.output<typeof givenFactor>;

export const sessionBegan = defineEvent({
  type: 'session.began',
  doc: 'A member signed in; told at most once a minute for each member and each way, with how often. `secondFactor` is what they gave besides.',
  permission,
  payload: z.object({
    userId: z.string(),
    way: z.string(),
    secondFactor: givenFactor.nullable(),
    count: z.number().int(),
  }),
  audit: { target: 'member', id: 'userId' },
});
export const sessionEnded = defineEvent({
  type: 'session.ended',
  doc: 'A member signed out, or ended one of their sessions or all others; a program’s tokens count as a session.',
  permission,
  payload: z.object({
    userId: z.string(),
    how: z.enum(['signed_out', 'one', 'others']),
    count: z.number().int(),
  }),
  audit: { target: 'member', id: 'userId' },
});
export const tokensMade = defineEvent({
  type: 'tokens.made',
  doc: 'A member made tokens for a program of theirs, which it may renew until then.',
  permission,
  payload: z.object({ userId: z.string(), tokensId: z.uuid(), expiresAt: z.iso.datetime() }),
  audit: { target: 'member', id: 'userId' },
});
export const keysRotated = defineEvent({
  type: 'keys.rotated',
  doc: 'The operator had new keys made, and everything sealed anew with them; where it did not finish, it is gone on with by the same command.',
  permission,
  payload: z.object({ finished: z.boolean() }),
  audit: { target: 'workspace', id: null },
});
export const signingKeyRotated = defineEvent({
  type: 'signing_key.rotated',
  doc: 'The operator had a new key made that signs the tokens of programs; `forgot` where what the others signed is worth nothing any more.',
  permission,
  payload: z.object({ forgot: z.boolean() }),
  audit: { target: 'workspace', id: null },
});
export const deviceSeen = defineEvent({
  type: 'session.new_device',
  doc: 'A member signed in with a browser, or from a network, that they had not used before.',
  permission,
  payload: z.object({ userId: z.string() }),
  audit: { target: 'member', id: 'userId', alerts: () => true },
});
export const passwordChanged = defineEvent({
  type: 'password.changed',
  doc: 'A member has another password: by themselves, by a link that was mailed to them, or from the command line.',
  permission,
  payload: z.object({ userId: z.string() }),
  audit: { target: 'member', id: 'userId' },
});
export const emailChanged = defineEvent({
  type: 'email.changed',
  doc: 'A member signs in with another e-mail address from now on.',
  permission,
  payload: z.object({ userId: z.string() }),
  audit: { target: 'member', id: 'userId', alerts: () => true },
});
export const tokenReused = defineEvent({
  type: 'session.token_reused',
  doc: 'A refresh token of a member’s program was used twice: somebody may have copied it. Its tokens have ended.',
  permission,
  payload: z.object({ userId: z.string() }),
  audit: { target: 'member', id: 'userId', alerts: () => true },
});
