import type { ChatDetail, ChatMessage } from '@parley/contract/chat';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../../test/harness.ts';
import { addMember } from '../../../../test/members.ts';
import { startWriter, type Writer } from '../../../../test/writer.ts';

let test: TestApp;
let writer: Writer;
beforeAll(async () => {
  writer = await startWriter();
  test = await startTestApp({ environment: { EGRESS_ALLOW_HOSTS: '127.0.0.1' } });
});
afterAll(async () => {
  await test.close();
  await writer.close();
});

/** A question in a chat of its own, with the model's call and what is shown of the answer. */
async function asked(model: object = {}) {
  const workspace = await test.workspace();
  await writer.join(workspace.as('admin'), model);
  const { client } = await addMember(test, workspace, 'viewer');
  const before = writer.calls.length;
  const { body } = await client.post<ChatDetail>('/api/v1/chats', { text: 'Count.', fileIds: [] });
  const id = body.messages.at(-1)?.id ?? '';
  const until = (what: string, fits: (message: ChatMessage) => boolean) =>
    test.until(what, async () => {
      const read = await client.get<ChatMessage>(`/api/v1/chat-messages/${id}`);
      return fits(read.body) && read.body;
    });
  return {
    call: await test.until('the model to be asked', async () => writer.calls[before]),
    says: (text: string) => until(`the answer to say ${text}`, (message) => message.text === text),
    ended: () => until('the answer to end', ({ state }) => state !== 'waiting' && state !== 'writing'),
  };
}

it('an answer that its model leaves, and nobody can go on with, keeps what was said and is marked as cut', async () => {
  const { call, says, ended } = await asked();
  call.write('One, two, ');
  await says('One, two,');
  call.breakOff();
  expect(await ended()).toMatchObject({
    state: 'cut',
    text: 'One, two,',
    errorCode: null,
    model: 'Writer',
    reasons: [{ decision: 'failed', reason: 'cut_off' }],
  });
});

it('an answer that comes well is waited for, though a whole one would have been given up', async () => {
  const { call, says, ended } = await asked({ timeoutMs: 500 });
  const begun = performance.now();
  call.write('One, ');
  await says('One,');
  await test.until('more than that to pass', async () => performance.now() - begun > 1000);
  call.write('two.');
  call.end();
  expect(await ended()).toMatchObject({ state: 'done', text: 'One, two.' });
});
