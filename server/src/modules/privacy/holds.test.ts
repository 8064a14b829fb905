import type { RetentionRun } from '@parley/contract/privacy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { newId } from '../../core/identifiers.ts';

const path = '/api/v1/privacy';
const forEver = { messages: null, deliveries: null, media: null, runs: null, chats: null, audit: null };
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

/** Two contacts who wrote; a legal hold is on the first. */
async function openHeld(): Promise<{ inbox: Inbox; held: string; free: string }> {
  const inbox = await openInbox(test, twilio);
  for (const from of ['+15557510001', '+15557510002'])
    await twilio.text({ to: inbox.channel.address, from, body: `hello from ${from}` });
  await test.settled();
  const found = await inbox.conversations();
  const idOf = (from: string) => found.find(({ contact }) => contact.address === from);
  const [held, free] = [idOf('+15557510001'), idOf('+15557510002')];
  if (!held || !free) throw new Error('nobody wrote');
  const { status } = await inbox.workspace
    .as('admin')
    .post(`${path}/legal-holds`, { contactId: held.contact.id, reason: 'a lawsuit' });
  expect(status).toBe(201);
  return { inbox, held: held.id, free: free.id };
}

async function retain(inbox: Inbox): Promise<RetentionRun> {
  const admin = inbox.workspace.as('admin');
  await admin.put(`${path}/retention`, { ...forEver, runs: 30 });
  const { body } = await admin.post<RetentionRun>(`${path}/retention-runs`);
  await test.settled();
  return (await admin.get<RetentionRun>(`${path}/retention-runs/${body.id}`)).body;
}

describe('while a contact is held, a rule', () => {
  it('takes what is of nobody and of others, and leaves what is theirs', async () => {
    const { inbox, held, free } = await openHeld();
    const made = new Map([held, free, null].map((conversationId) => [newId(), conversationId]));
    for (const [id, conversationId] of made) {
      await inbox.sql(
        `insert into routing_receipts (id, workspace_id, purpose, conversation_id, created_at)
         values ($1, $2, 'answer', $3, now() - interval '40 days')`,
        [id, inbox.workspace.id, conversationId],
      );
      await inbox.sql(
        `insert into confirmations (id, workspace_id, tool, input, permission, asked_by_kind, conversation_id, state,
           created_at, expires_at, updated_at)
         values ($1, $2, 'x', '', 'tools:read', 'member', $3, 'done', now() - interval '40 days', now(), now())`,
        [id, inbox.workspace.id, conversationId],
      );
    }
    expect(await retain(inbox)).toMatchObject({ state: 'done', results: [{ kind: 'runs', rows: 4 }] });
    for (const table of ['routing_receipts', 'confirmations'])
      expect(await inbox.sql(`select conversation_id from ${table}`)).toEqual([{ conversation_id: held }]);
  });

  it('leaves a shadow run in which a turn of theirs was answered anew', async () => {
    const { inbox, held, free } = await openHeld();
    const shadowRuns = new Map<string, string>();
    for (const conversationId of [held, free]) {
      const [runId, shadowRunId] = [newId(), newId()];
      shadowRuns.set(conversationId, shadowRunId);
      await inbox.sql(
        `insert into runs (id, workspace_id, conversation_id, job_id, status, policy, started_at, finished_at)
         values ($1, $2, $3, 'j', 'finished', 'auto', now(), now())`,
        [runId, inbox.workspace.id, conversationId],
      );
      await inbox.sql(
        `insert into shadow_runs (id, workspace_id, state, changes, total, started_at)
         values ($1, $2, 'done', '', 1, now() - interval '40 days')`,
        [shadowRunId, inbox.workspace.id],
      );
      await inbox.sql(
        'insert into shadow_answers (id, workspace_id, shadow_run_id, run_id) values ($1, $2, $3, $4)',
        [newId(), inbox.workspace.id, shadowRunId, runId],
      );
    }
    await retain(inbox);
    expect(await inbox.sql('select id from shadow_runs')).toEqual([{ id: shadowRuns.get(held) }]);
    expect(await inbox.sql('select shadow_run_id as id from shadow_answers')).toEqual([
      { id: shadowRuns.get(held) },
    ]);
  });
});
