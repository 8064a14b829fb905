import type { Conversation } from '@parley/contract/conversations';
import type { HandsetMessage } from '@parley/contract/phone';
import { expect, test } from 'vitest';
import { answerExpectedUntilMs } from './use-writing.ts';

const at = '2026-11-21T12:00:00.000Z';
const last: HandsetMessage = {
  id: 'one',
  peer: '+12025550142',
  direction: 'sent',
  body: 'Are you open?',
  media: [],
  status: 'accepted',
  at,
};
const conversation = {
  owner: { kind: 'assistant', id: null },
  assistantPolicy: null,
  contact: { optedOut: false, aiConsent: 'unknown' },
} as Conversation;

test('an assistant that answers by itself is expected to for a while', () => {
  expect(answerExpectedUntilMs({ conversation, last, policy: 'auto' })).toBe(Date.parse(at) + 8000);
  expect(answerExpectedUntilMs({ conversation: null, last, policy: 'auto' })).toBe(Date.parse(at) + 8000);
});

test('nobody is said to write who will not', () => {
  const member = { ...conversation, owner: { kind: 'member' as const, id: 'ada' } };
  const left = { ...conversation, contact: { ...conversation.contact, optedOut: true } };
  const cases = [
    { conversation, last, policy: 'draft' as const },
    { conversation, last: undefined, policy: 'auto' as const },
    { conversation: member, last, policy: 'auto' as const },
    { conversation: left, last, policy: 'auto' as const },
    { conversation: { ...conversation, assistantPolicy: 'off' as const }, last, policy: 'auto' as const },
    { conversation, last: { ...last, body: ' stop ' }, policy: 'auto' as const },
    { conversation, last: { ...last, status: 'refused' as const }, policy: 'auto' as const },
    { conversation, last: { ...last, direction: 'received' as const }, policy: 'auto' as const },
  ];
  for (const input of cases) expect(answerExpectedUntilMs(input)).toBe(0);
});
