import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { lookAtSending, sendingExceeded } from './sending-volume.ts';

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

const hourMs = 3_600_000;

/** As if so many had been sent that many hours before this one. */
async function sent(inbox: Inbox, count: number, hoursAgo: number): Promise<void> {
  const hour = Date.now() - (Date.now() % hourMs) - hoursAgo * hourMs;
  await inbox.workspace.ctx.transaction((tx) =>
    tx.sql(
      `insert into messages select (jsonb_populate_record(m, jsonb_build_object('id', gen_random_uuid(),
         'provider_message_id', null, 'status', 'delivered', 'created_at', $2::timestamptz))).*
       from messages m, generate_series(1, $3)
       where m.id = (select id from messages where workspace_id = $1 and direction = 'outbound' limit 1)`,
      [tx.workspaceId, new Date(hour + 1000), count],
    ),
  );
}

async function alertsOf(inbox: Inbox): Promise<unknown[]> {
  await lookAtSending(test.kernel.systemContext());
  const rows = await inbox.workspace.ctx.transaction((tx) =>
    tx.sql<{ details: unknown }>(
      'select details from audit_entries where workspace_id = $1 and action = $2 order by number',
      [tx.workspaceId, sendingExceeded.type],
    ),
  );
  return rows.map(({ details }) => details);
}

it('a workspace that sends ten times its usual hour is told of once, one that is busy or new is not', async () => {
  const [flooding, busy, fresh, small] = await Promise.all(
    Array.from({ length: 4 }, () => openInbox(test, twilio)),
  );
  if (!flooding || !busy || !fresh || !small) throw new Error('no inbox');
  for (const inbox of [flooding, busy, fresh, small]) await inbox.write('(555) 126-0001', 'Hello.');
  await test.settled();
  for (const inbox of [flooding, busy, small]) await sent(inbox, 20, 50);
  await sent(busy, 2500, 10);
  await sent(flooding, 150, 1);
  await sent(busy, 150, 1);
  await sent(fresh, 500, 1);
  await sent(small, 99, 1);
  expect(await alertsOf(flooding)).toEqual([{ messages: 150, usualPerHour: 0.4 }]);
  expect(await alertsOf(flooding)).toHaveLength(1);
  for (const inbox of [busy, fresh, small]) expect(await alertsOf(inbox)).toEqual([]);
});
