import type { Erasure } from '@parley/contract/privacy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { newId } from '../../core/identifiers.ts';
import { deliveryReceived } from '../channels/channels.ts';
import { payloadPlace } from '../channels/deliveries.ts';

const path = '/api/v1/privacy';
const [erased, other] = ['+15557310099', '+15557310042'];
const common = 'do you sell bread on Saturdays?';
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

async function hear(inbox: Inbox, from: string, body: string): Promise<string> {
  await twilio.text({ to: inbox.channel.address, from, body });
  await test.settled();
  const found = (await inbox.conversations()).find(({ contact }) => contact.address === from);
  return found?.contact.id ?? '';
}

async function begin(inbox: Inbox, contactId: string): Promise<string> {
  const { status, body } = await inbox.workspace.as('admin').post<Erasure>(`${path}/erasures`, { contactId });
  expect(status).toBe(202);
  return body.id;
}

const end = (inbox: Inbox, id: string) =>
  test.until('the erasure to be done', async () => {
    const { body } = await inbox.workspace.as('admin').get<Erasure>(`${path}/erasures/${id}`);
    return body.state !== 'running' && body;
  });

const callsOf = async (inbox: Inbox, contactId: string) => {
  const [row] = await inbox.sql<{ count: number }>(
    `select count(*)::int as count from deliveries d where exists (select 1 from messages m
       join conversations c on c.id = m.conversation_id where m.delivery_id = d.id and c.contact_id = $1)`,
    [contactId],
  );
  return row?.count;
};

describe('the erasure of one contact', () => {
  it.each(['held', 'not held'])(
    'leaves the webhook calls of another, who is %s, whatever both have said',
    async (state) => {
      const inbox = await openInbox(test, twilio);
      await hear(inbox, other, common);
      const stays = await hear(inbox, other, `and I want to sue you; my friend has ${erased}`);
      await hear(inbox, erased, common);
      await hear(inbox, erased, 'NumMedia=0&NumSegments=1');
      const goes = await hear(inbox, erased, inbox.channel.address);
      if (state === 'held')
        await inbox.workspace
          .as('admin')
          .post(`${path}/legal-holds`, { contactId: stays, reason: 'a lawsuit' });
      expect([await callsOf(inbox, stays), await callsOf(inbox, goes)]).toEqual([2, 3]);
      expect(await end(inbox, await begin(inbox, goes))).toMatchObject({ state: 'done' });
      expect(await callsOf(inbox, stays)).toBe(2);
      expect(await inbox.sql('select id from deliveries')).toHaveLength(2);
    },
    60_000,
  );

  it('leaves a case and an example of what others say too, and takes those of what only they said', async () => {
    const inbox = await openInbox(test, twilio);
    const own = 'my quokka has eaten the blue invoice from March';
    await hear(inbox, other, common);
    await hear(inbox, erased, common);
    const goes = await hear(inbox, erased, own);
    for (const question of [common, own])
      expect(
        await inbox.workspace.as('admin').post('/api/v1/assistant/cases', {
          question,
          expects: 'hand_over',
          language: 'en',
          trainingDataId: null,
          mustContain: [],
        }),
      ).toMatchObject({ status: 201 });
    await end(inbox, await begin(inbox, goes));
    const { body } = await inbox.workspace
      .as('admin')
      .get<{ items: { question: string }[] }>('/api/v1/assistant/cases');
    expect(body.items.map(({ question }) => question)).toEqual([common]);
  }, 60_000);

  it('waits for a webhook call of theirs that was acknowledged and is no message yet, and takes that too', async () => {
    const inbox = await openInbox(test, twilio);
    const goes = await hear(inbox, erased, 'hello there');
    const late = newId();
    await inbox.workspace.ctx.transaction(async (tx) => {
      const [row] = await tx.sql<{ id: string; payload: Uint8Array }>('select id, payload from deliveries');
      if (!row) throw new Error('no webhook call');
      const call = tx.openText(row.payload, payloadPlace(row.id)).replaceAll(/=SM\w/g, '=SMf');
      await tx.sql(
        `insert into deliveries (id, workspace_id, channel_id, hook, delivery_key, payload, request_id, received_at)
         select $1, workspace_id, channel_id, hook, 'late', $2, request_id, received_at from deliveries`,
        [late, tx.seal(call, payloadPlace(late))],
      );
    });
    const erasure = await begin(inbox, goes);
    await test.until('it to wait', async () => {
      const rows = await inbox.sql('select 1 from erasures where worked_at > created_at');
      return rows.length > 0;
    });
    expect(await inbox.conversations()).toHaveLength(1);
    await inbox.workspace.ctx.transaction(async (tx) =>
      tx.enqueue(deliveryReceived, { deliveryIds: [late], postponed: 0 }),
    );
    expect(await end(inbox, erasure)).toMatchObject({ state: 'done', report: { found: [] } });
    expect(await inbox.sql('select 1 from contacts union all select 1 from deliveries')).toEqual([]);
  }, 60_000);
});
