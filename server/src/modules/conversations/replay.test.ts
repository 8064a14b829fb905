import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { replayConversation } from './conversations.ts';

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

/** A conversation in which a bit of everything happened. */
async function live(inbox: Inbox, contact: string): Promise<string> {
  twilio.simulator.fault({ kind: 'duplicate', times: 4 });
  twilio.simulator.fault({ kind: 'reorder', times: 2 });
  for (const body of ['hello', '¿hola?', 'STOP', 'START']) {
    await twilio.text({ from: contact, to: inbox.channel.address, body });
    await test.settled();
  }
  await twilio.text({ from: '+15551225555', to: inbox.channel.address, body: 'somebody else' });
  const written = await inbox.write(contact, 'we are here');
  await inbox.becomes(written.id, 'delivered');
  twilio.simulator.fault({ kind: 'lose', times: null });
  const failing = await inbox.write(contact, 'and here');
  const queued = await inbox.becomes(failing.id, 'queued');
  await twilio.simulator.status({ sid: queued.providerId ?? '', status: 'undelivered', errorCode: 30003 });
  await inbox.becomes(failing.id, 'undelivered');
  await inbox.workspace.as('agent').post(`/api/v1/messages/${failing.id}/attempts`);
  await inbox.becomes(failing.id, 'queued');
  await twilio.simulator.status({ sid: queued.providerId ?? '', status: 'someday' });
  await twilio.simulator.idle();
  await test.settled();
  return written.conversationId;
}

describe('a replay from the journal', () => {
  it('equals what is stored, and names what was changed by hand', async () => {
    const inbox = await openInbox(test, twilio);
    const contact = '+15551220001';
    const conversationId = await live(inbox, contact);
    const { ctx } = inbox.workspace;
    expect(await replayConversation(ctx, conversationId)).toMatchObject({ equal: true, differences: [] });

    const differences = async (text: string, values: unknown[] = []) => {
      await inbox.sql(text, values);
      const replay = await replayConversation(ctx, conversationId);
      expect(replay.equal).toBe(false);
      return replay.differences.join('\n');
    };
    expect(
      await differences(
        `update messages set status = 'sent' where status = 'delivered' and conversation_id = $1 and sender_kind = 'member'`,
        [conversationId],
      ),
    ).toContain('status differs');
    expect(
      await differences(
        `update messages set segments = 9 where id = (select id from messages where direction = 'inbound' and conversation_id = $1 limit 1)`,
        [conversationId],
      ),
    ).toContain('segments differs');
    expect(
      await differences(`update contact_points set opted_out_at = now() where address = $1`, [contact]),
    ).toContain('consent');
    expect(
      await differences(
        `delete from messages where id = (select id from messages where direction = 'inbound' and conversation_id = $1
           order by created_at limit 1)`,
        [conversationId],
      ),
    ).toContain('is in the journal and not stored');
  });
});
