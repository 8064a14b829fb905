// What tenancy tells of members' phone numbers: ids only.
import { z } from 'zod';
import { defineEvent } from '../../../core/events.ts';

const ofNumber = {
  permission: 'members:read',
  payload: z.object({ userId: z.string(), phoneNumberId: z.uuid() }),
  audit: { target: 'member', id: 'userId' },
} as const;

export const smsFactorEnabled = defineEvent({
  type: 'sms_factor.enabled',
  doc: 'A member has codes by text as second factor.',
  permission: 'audit:read',
  payload: z.object({ userId: z.string() }),
  audit: { target: 'member', id: 'userId' },
});
export const smsFactorDisabled = defineEvent({
  type: 'sms_factor.disabled',
  doc: 'A member has codes by text as second factor no more.',
  permission: 'audit:read',
  payload: z.object({ userId: z.string() }),
  audit: { target: 'member', id: 'userId', alerts: () => true },
});

export const phoneNumberAdded = defineEvent({
  type: 'phone_number.added',
  doc: 'A member named a phone number of theirs; it means nothing until it is verified.',
  ...ofNumber,
});
export const phoneNumberVerified = defineEvent({
  type: 'phone_number.verified',
  doc: 'A member showed by a code that a phone number is theirs.',
  ...ofNumber,
});
export const phoneNumberRemoved = defineEvent({
  type: 'phone_number.removed',
  doc: 'A member removed a phone number of theirs.',
  ...ofNumber,
  payload: ofNumber.payload.extend({ wasVerified: z.boolean() }),
});
