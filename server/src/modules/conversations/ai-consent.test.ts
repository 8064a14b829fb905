import type { AiConsent } from '@parley/contract/ai-consent';
import type { Assistant } from '@parley/contract/assistant';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { countSegments } from '../channels/channels.ts';
import { aiReplies, readAiWords } from './ai-words.ts';
import { readKeyword } from './opt-out.ts';

let twilio: TestTwilio;
let test: TestApp;
beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment });
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});

let contacts = 0;
async function open() {
  const inbox = await openInbox(test, twilio);
  const admin = inbox.workspace.as('admin');
  await admin.put('/api/v1/assistant', {
    policy: 'auto',
    persona: '',
    burstWaitMs: 0,
    repliesPerHourMax: 100,
    modelId: null,
  });
  contacts += 1;
  const from = `+1555742${String(contacts).padStart(4, '0')}`;
  const say = async (body: string) => {
    await twilio.text({ to: inbox.channel.address, from, body });
    await test.settled();
    const [conversation] = await inbox.conversations();
    if (!conversation) throw new Error('no conversation was opened');
    return conversation;
  };
  const answers = async () =>
    (
      await inbox.sql<{ sender_kind: string }>(
        "select sender_kind from messages where direction = 'outbound' order by created_at, id",
      )
    ).map((row) => row.sender_kind);
  return { inbox, admin, agent: inbox.workspace.as('agent'), from, say, answers };
}

const consentOf = async (inbox: Inbox, contactId: string) =>
  (await inbox.workspace.as('agent').get<AiConsent>(`/api/v1/contacts/${contactId}/ai-consent`)).body;

describe('a contact who says NO AI', () => {
  it('is confirmed once, seen by a person, and not answered by the assistant any more', async () => {
    const { inbox, say, answers } = await open();
    const { contact } = await say('No AI!');
    expect(await answers()).toEqual(['system']);
    expect(await consentOf(inbox, contact.id)).toMatchObject({
      consent: 'refused',
      events: [{ consent: 'refused', source: 'keyword', keyword: 'NO AI', actor: { kind: 'contact' } }],
    });
    await say('no ai');
    const after = await say('When do you open?');
    expect(await answers()).toEqual(['system']);
    expect(after).toMatchObject({
      status: 'flagged_for_review',
      flagReason: 'no_ai_consent',
      contact: { aiConsent: 'refused' },
    });
    const runs = await inbox.sql<{ count: number }>('select count(*)::int as count from runs');
    expect(runs).toEqual([{ count: 0 }]);
  });

  it('is answered again once they agree, and their words for it are in the ledger, newest first', async () => {
    const { inbox, say, answers } = await open();
    const { contact } = await say('SIN IA');
    await say('con ia');
    await say('hello');
    expect(await answers()).toEqual(['system', 'system', 'assistant']);
    const { events } = await consentOf(inbox, contact.id);
    expect(events.map(({ consent }) => consent)).toEqual(['granted', 'refused']);
  });
});

describe('the rule of a workspace', () => {
  it('“only with consent” leaves whoever said nothing to a person, until a member records their consent', async () => {
    const { inbox, admin, agent, say, answers } = await open();
    await admin.put('/api/v1/assistant/consent-rule', { rule: 'only_with_consent' });
    const conversation = await say('hello');
    expect(conversation).toMatchObject({ flagReason: 'no_ai_consent', contact: { aiConsent: 'unknown' } });
    expect(await answers()).toEqual([]);
    const { contact } = conversation;
    const recorded = await agent.put<AiConsent>(`/api/v1/contacts/${contact.id}/ai-consent`, {
      consent: 'granted',
    });
    expect(recorded.body.events).toMatchObject([{ source: 'member', actor: { kind: 'api_key' } }]);
    await say('hello again');
    expect(await answers()).toEqual(['assistant']);
    expect(await inbox.events('ai_consent.changed')).toHaveLength(1);
  });

  it('“ask nobody” answers everybody, and writes down what they say all the same', async () => {
    const { inbox, admin, say, answers } = await open();
    await admin.put('/api/v1/assistant/consent-rule', { rule: 'ask_nobody' });
    const { contact } = await say('NO AI');
    await say('hello');
    expect(await answers()).toEqual(['system', 'assistant']);
    expect((await consentOf(inbox, contact.id)).consent).toBe('refused');
  });

  it('is kept when other settings of the assistant change, and only an admin changes it', async () => {
    const { admin, agent } = await open();
    const path = '/api/v1/assistant/consent-rule';
    expect((await agent.put(path, { rule: 'ask_nobody' })).status).toBe(403);
    await admin.put(path, { rule: 'only_with_consent' });
    const { body: before } = await admin.get<Assistant>('/api/v1/assistant');
    const { consentRule, updatedAt: _, ...settings } = before;
    expect(consentRule).toBe('only_with_consent');
    const changed = await admin.put<Assistant>('/api/v1/assistant', { ...settings, persona: 'Ana' });
    expect(changed.body.consentRule).toBe('only_with_consent');
  });
});

it('no code of ours can change or remove what was said of it', async () => {
  const { inbox, say } = await open();
  await say('NO AI');
  await expect(inbox.sql("update ai_consent_events set consent = 'granted'")).rejects.toThrow();
  await expect(inbox.sql('delete from ai_consent_events')).rejects.toThrow();
});

it('words are read whole, in any case and with any punctuation, and never as an opt-out', () => {
  for (const said of ['no ai', 'NO AI.', ' No  AI ! ', 'Sin IA', 'sem robô', 'Não IA'])
    expect(readAiWords(said)?.consent, said).toBe('refused');
  for (const said of ['I have no ai at home', 'no', 'ai', 'sin', 'stop'])
    expect(readAiWords(said)).toBeNull();
  fc.assert(fc.property(fc.string(), (said) => readAiWords(said) === null || readKeyword(said) === null));
});

it('every confirmation is one segment with a name of forty characters', () => {
  for (const reply of Object.values(aiReplies).flatMap((byLanguage) => Object.values(byLanguage)))
    expect(countSegments(reply.replace('{name}', 'N'.repeat(40)))).toMatchObject({
      encoding: 'GSM-7',
      segments: 1,
    });
});
