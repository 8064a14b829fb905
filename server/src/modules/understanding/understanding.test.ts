import type { Conversation } from '@parley/contract/conversations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { understand } from './understanding.ts';

let test: TestApp;
let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment });
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});

interface InsightRow {
  message_id: string;
  language: string;
  language_confidence: number;
  language_model: string;
}

async function setUp() {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  await admin.put('/api/v1/assistant', {
    policy: 'off',
    persona: '',
    burstWaitMs: 0,
    repliesPerHourMax: 20,
    modelId: null,
  });
  const { address } = await twilio.connectTwilio(workspace);
  const insights = () =>
    workspace.ctx.transaction((tx) =>
      tx.sql<InsightRow>(
        'select message_id, language, language_confidence, language_model from insights order by created_at',
      ),
    );
  let said = 0;
  /** Resolves with the conversation once the text is understood. */
  const text = async (body: string): Promise<Conversation> => {
    await twilio.text({ from: '+15551230001', to: address, body });
    said += 1;
    await test.until('the text to be understood', async () => (await insights()).length === said);
    return newest(workspace);
  };
  return { workspace, text, insights };
}

async function newest(workspace: TestWorkspace): Promise<Conversation> {
  const { body } = await workspace.as('viewer').get<{ items: Conversation[] }>('/api/v1/conversations');
  const [conversation] = body.items;
  if (!conversation) throw new Error('there is no conversation');
  return conversation;
}

describe('the language of a message', () => {
  it('is written down with its confidence and the detector’s version, and becomes the conversation’s', async () => {
    const { workspace, text, insights } = await setUp();
    const conversation = await text('¿A qué hora abren mañana por la tarde?');
    expect(conversation.language).toBe('es');
    expect(conversation.languageConfidence).toBeGreaterThan(0.8);
    const [insight] = await insights();
    expect(insight).toMatchObject({ language: 'es', language_model: expect.stringMatching(/\w@\d/) });
    const event = await test.event('message.understood', ({ workspaceId }) => workspaceId === workspace.id);
    expect(event.payload).toMatchObject({
      messageId: insight?.message_id,
      conversationId: conversation.id,
      language: 'es',
      answerable: true,
    });
  });

  it('follows the conversation where a text says little, and the text where it says enough', async () => {
    const { text, insights } = await setUp();
    await text('Olá, vocês entregam no meu bairro? Obrigado!');
    await text('ok 👍');
    expect((await insights()).map(({ language }) => language)).toEqual(['pt', 'pt']);
    expect((await text('Sorry, can you write to me in English from now on, please?')).language).toBe('en');
  });

  it('of a text without words is unknown, and takes nothing from the conversation', async () => {
    const { text, insights } = await setUp();
    await text('Do you have this in blue?');
    expect(await text('12345')).toMatchObject({ language: 'en' });
    expect(await insights()).toHaveLength(2);
  });

  it('stays what it was when the contact sends a keyword, which is printed on notices in every language', async () => {
    const { text, insights } = await setUp();
    await text('¿A qué hora abren mañana por la tarde?');
    expect(await text('STOP')).toMatchObject({ language: 'es' });
    expect(await text('Baja')).toMatchObject({ language: 'es' });
    expect((await insights()).map(({ language }) => language)).toEqual(['es', 'es', 'es']);
  });

  it('that a member has set stays', async () => {
    const { workspace, text } = await setUp();
    const { id } = await text('¿A qué hora abren mañana por la tarde?');
    await workspace.as('agent').put(`/api/v1/conversations/${id}`, { language: 'pt' });
    expect(await text('¿Y el domingo a qué hora cierran ustedes?')).toMatchObject({ language: 'pt' });
  });

  it('is detected once, however often the job runs', async () => {
    const { workspace, text, insights } = await setUp();
    const { id: conversationId } = await text('Do you have this in blue?');
    const [before] = await insights();
    if (!before) throw new Error('there is no insight');
    const input = { messageId: before.message_id, conversationId, answerable: true };
    const run = { id: 'again', attempt: 1, isLastAttempt: false, signal: new AbortController().signal };
    await workspace.ctx.transaction((tx) => understand([{ tx, input, run }]));
    expect(await insights()).toEqual([before]);
    const events = await workspace.ctx.transaction((tx) =>
      tx.sql(`select id from events where type = 'message.understood'`),
    );
    expect(events).toHaveLength(1);
  });
});
