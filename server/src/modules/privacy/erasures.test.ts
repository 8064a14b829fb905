import type { DataExport, Erasure, ErasurePreview } from '@parley/contract/privacy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { storagePort } from '../../core/storage.ts';
import { needlesOf } from './needles.ts';
import { searchEverything } from './search.ts';

const path = '/api/v1/privacy';
/** What a contact says that nobody else does. */
const said = [
  'my quokka has eaten the blue invoice from March',
  'please call me about the crimson bicycle: "today", 100%',
  'línea de otro día: ¿abren el domingo a las ocho?',
];

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

/** A workspace in which things have happened: answers, notes, corrections, cases, knowledge, interactions, a file, a chat. */
async function live(from: string): Promise<{ inbox: Inbox; contactId: string; conversationId: string }> {
  const inbox = await openInbox(test, twilio);
  const [admin, agent] = [inbox.workspace.as('admin'), inbox.workspace.as('agent')];
  await admin.put('/api/v1/assistant', {
    policy: 'auto',
    persona: '',
    burstWaitMs: 0,
    repliesPerHourMax: 100,
    modelId: null,
  });
  const hear = async (body: string, sender = from) => {
    await twilio.text({ to: inbox.channel.address, from: sender, body });
    await test.settled();
  };
  for (const body of said) await hear(body);
  await hear('do you sell bread on Saturdays?', '+15557770001');
  const conversation = (await inbox.conversations()).find(({ contact }) => contact.address === from);
  if (!conversation) throw new Error('no conversation');
  const { id: conversationId, contact } = conversation;
  const done = async (answer: Promise<{ status: number; body: unknown }>) => {
    const { status, body } = await answer;
    if (status >= 300) throw new Error(`refused: ${status} ${JSON.stringify(body)}`);
    return body as { id: string };
  };
  await done(agent.put(`/api/v1/contacts/${contact.id}`, { name: 'Zebedee Quokkason' }));
  await done(agent.post(`/api/v1/conversations/${conversationId}/notes`, { body: `He said: ${said[0]}` }));
  await done(
    agent.post('/api/v1/messages', {
      to: from,
      body: 'Dear Zebedee Quokkason, we call you.',
      channelId: inbox.channel.id,
    }),
  );
  await done(
    admin.post('/api/v1/assistant/cases', {
      question: said[0],
      expects: 'hand_over',
      language: 'en',
      trainingDataId: null,
      mustContain: [],
    }),
  );
  const product = await done(
    admin.post('/api/v1/products', { sku: 'B1', name: 'Bread', priceMinor: 100, currency: 'USD' }),
  );
  for (const person of [{ contactId: contact.id }, { outsideId: from }])
    await done(agent.post('/api/v1/interactions', { productId: product.id, kind: 'purchase', ...person }));
  await test.settled();
  return { inbox, contactId: contact.id, conversationId };
}

const needles = (from: string) => needlesOf({ addresses: [from], names: ['Zebedee Quokkason'], texts: said });

async function eraseAndWait(inbox: Inbox, contactId: string): Promise<Erasure> {
  const admin = inbox.workspace.as('admin');
  const { status, body } = await admin.post<Erasure>(`${path}/erasures`, { contactId });
  expect(status).toBe(202);
  return test.until('the erasure to be done', async () => {
    const { body: now } = await admin.get<Erasure>(`${path}/erasures/${body.id}`);
    return now.state !== 'running' && now;
  });
}

describe('an erased contact', () => {
  it('stands in no table and no file any more, and everybody else does', async () => {
    const from = '+15557310042';
    const { inbox, contactId } = await live(from);
    const admin = inbox.workspace.as('admin');
    const before = await searchEverything(inbox.workspace.ctx, needles(from));
    expect(before.unreadable).toBe(0);
    const places = before.found.map(({ place }) => place);
    for (const table of ['messages', 'contact_points', 'contacts', 'notes', 'deliveries', 'answer_cases'])
      expect(places).toContain(table);

    const preview = await admin.get<ErasurePreview>(`/api/v1/contacts/${contactId}/erasure-preview`);
    const rowsOf = (table: string) => preview.body.counts.find((one) => one.table === table)?.rows;
    expect(rowsOf('contacts')).toBe(1);
    expect(rowsOf('messages')).toBeGreaterThanOrEqual(said.length + 1);
    expect(preview.body.held).toBe(false);

    const made = (await admin.post<DataExport>(`${path}/exports`, { contactId })).body;
    await test.until('the export', async () => {
      const { body: now } = await admin.get<DataExport>(`${path}/exports/${made.id}`);
      return now.state === 'done';
    });

    const erased = await eraseAndWait(inbox, contactId);
    expect(erased).toMatchObject({ state: 'done', report: { found: [], unreadable: 0 } });
    expect(erased.report?.tables).toBeGreaterThan(80);
    expect(erased.counts.every(({ rows, erased: gone }) => gone >= rows)).toBe(true);
    expect((await searchEverything(inbox.workspace.ctx, needles(from))).found).toEqual([]);
    const others = await inbox.conversations();
    expect(others.map(({ contact }) => contact.address)).toEqual(['+15557770001']);
    const left = await inbox.sql<{ count: number }>('select count(*)::int as count from interactions');
    expect(left).toEqual([{ count: 0 }]);
    const files = [];
    for (const folder of ['media', 'exports']) {
      for await (const keys of test.kernel.use(storagePort).list(`${folder}/${inbox.workspace.id}`))
        files.push(...keys);
    }
    expect(files).toEqual([]);
    // Ids stay: who erased whom is in the audit.
    const audited = await inbox.sql<{ action: string }>(
      "select action from audit_entries where target_kind = 'contact' and target_id = $1 order by number",
      [contactId],
    );
    expect(audited.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['erasure.begun', 'contact.erased']),
    );
  }, 120_000);

  it('is a new contact when they write again, and what they refused holds still', async () => {
    const inbox = await openInbox(test, twilio);
    const from = '+15557310077';
    const hear = async (body: string) => {
      await twilio.text({ to: inbox.channel.address, from, body });
      await test.settled();
      const [conversation] = await inbox.conversations();
      if (!conversation) throw new Error('no conversation');
      return conversation.contact;
    };
    await hear('NO AI');
    const before = await hear('STOP');
    await eraseAndWait(inbox, before.id);
    expect(await inbox.conversations()).toEqual([]);
    const after = await hear('hello, it is me again');
    expect(after).toMatchObject({ optedOut: true, aiConsent: 'refused', name: null });
    expect(after.id).not.toBe(before.id);
  }, 60_000);

  it('is not erased while a legal hold is on them', async () => {
    const inbox = await openInbox(test, twilio);
    await twilio.text({ to: inbox.channel.address, from: '+15557310078', body: 'hello there' });
    await test.settled();
    const [conversation] = await inbox.conversations();
    const contactId = conversation?.contact.id ?? '';
    const admin = inbox.workspace.as('admin');
    await admin.post(`${path}/legal-holds`, { contactId, reason: 'a lawsuit' });
    expect(await admin.post(`${path}/erasures`, { contactId })).toMatchObject({
      status: 409,
      body: { error: { code: 'legal_hold' } },
    });
    expect(await inbox.conversations()).toHaveLength(1);
  });

  it('keeps the notes about them as they are while a legal hold is on them', async () => {
    const inbox = await openInbox(test, twilio);
    await twilio.text({ to: inbox.channel.address, from: '+15557310079', body: 'hello there' });
    await test.settled();
    const [conversation] = await inbox.conversations();
    const admin = inbox.workspace.as('admin');
    const { body: note } = await admin.post<{ id: string }>(
      `/api/v1/conversations/${conversation?.id}/notes`,
      { body: 'evidence' },
    );
    const { body: hold } = await admin.post<{ id: string }>(`${path}/legal-holds`, {
      contactId: conversation?.contact.id,
      reason: 'a lawsuit',
    });
    const refused = { status: 409, body: { error: { code: 'legal_hold' } } };
    expect(await admin.put(`/api/v1/notes/${note.id}`, { body: 'nothing' })).toMatchObject(refused);
    expect(await admin.delete(`/api/v1/notes/${note.id}`)).toMatchObject(refused);
    await admin.put(`${path}/legal-holds/${hold.id}/end`, { reason: 'settled' });
    expect(await admin.delete(`/api/v1/notes/${note.id}`)).toMatchObject({ status: 204 });
  });
});
