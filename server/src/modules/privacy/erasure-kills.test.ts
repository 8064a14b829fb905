import type { ChatDetail, ChatFile } from '@parley/contract/chat';
import type { ConversationDetail } from '@parley/contract/conversations';
import type { Erasure } from '@parley/contract/privacy';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { addMember, type TestMember } from '../../../test/members.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import type { Context } from '../../core/context.ts';
import { type Storage, storagePort } from '../../core/storage.ts';
import { runErasure } from './erasure-work.ts';
import { type PrivacyHost, privacyHost } from './host.ts';
import { needlesOf } from './needles.ts';
import { searchEverything } from './search.ts';

const path = '/api/v1/privacy/erasures';
const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
/** Each run of the property erases one of them. */
const people = ['Abelard', 'Brunhild', 'Cuthbert', 'Dagobert'].map((name, at) => ({
  name,
  address: `+1555761000${at}`,
  said: `the ${name.toLowerCase()} lantern is green, as I told you in March`,
}));
type Person = (typeof people)[number];

let twilio: TestTwilio;
let test: TestApp;
let inbox: Inbox;
let member: TestMember;
/** What there is of each, by their address. */
const has = new Map<
  string,
  { contactId: string; mediaId: string; chatId: string; chatMessageId: string; fileId: string }
>();
beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment });
  inbox = await openInbox(test, twilio);
  member = await addMember(test, inbox.workspace, 'agent');
  await Promise.all(people.map(live));
  await test.settled();
  // Erasures are run by hand, and killed.
  await test.kernel.queue.stop(1000);
}, 120_000);
afterAll(async () => {
  await test.close();
  await twilio.close();
});

/** They send a picture; a member writes a note, makes a case of it, and shows the assistant a file that names them. */
async function live({ name, address, said }: Person): Promise<void> {
  const agent = inbox.workspace.as('agent');
  await twilio.simulator.text({
    from: address,
    to: inbox.channel.address,
    body: said,
    media: [{ contentType: 'image/png', base64: png }],
  });
  const conversation = await test.until('the picture to be stored', async () => {
    const found = (await inbox.conversations()).find(({ contact }) => contact.address === address);
    if (!found) return null;
    const { body } = await agent.get<ConversationDetail>(`/api/v1/conversations/${found.id}`);
    return body.messages[0]?.media[0]?.status === 'stored' && body;
  });
  await agent.put(`/api/v1/contacts/${conversation.contact.id}`, { name });
  await agent.post(`/api/v1/conversations/${conversation.id}/notes`, { body: `${name} said: ${said}` });
  await inbox.workspace.as('admin').post('/api/v1/assistant/cases', {
    question: said,
    expects: 'hand_over',
    language: 'en',
    trainingDataId: null,
    mustContain: [],
  });
  const form = new FormData();
  form.append('file', new Blob([`call ${address}`]), 'numbers.txt');
  const uploaded = await fetch(`${test.url}/api/v1/chat-files`, {
    method: 'POST',
    headers: await member.client.authorization(),
    body: form,
  });
  const file = (await uploaded.json()) as ChatFile;
  await test.until('the file to be read', async () => {
    const { body } = await member.client.get<ChatFile>(`/api/v1/chat-files/${file.id}`);
    return body.state === 'ready';
  });
  const { body: chat } = await member.client.post<ChatDetail>('/api/v1/chats', {
    text: `what does it mean: ${said}`,
    fileIds: [file.id],
  });
  has.set(address, {
    contactId: conversation.contact.id,
    mediaId: conversation.messages[0]?.media[0]?.id ?? '',
    chatId: chat.id,
    chatMessageId: chat.messages[0]?.id ?? '',
    fileId: file.id,
  });
}

/** When a worker dies: after so many steps, or as it comes to remove a file whose row is gone. */
type Death = number | 'at a file';

/** It dies before or after what it writes is there, and from then on does nothing. */
function mortal(ctx: Context, death: Death): Context {
  let left = death === 'at a file' ? Number.POSITIVE_INFINITY : death;
  const live = () => {
    left -= 1;
    if (left < 0) throw new Error('killed');
  };
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    live();
    const done = await work();
    live();
    return done;
  };
  const storage: Storage = ctx.use(storagePort);
  const host: PrivacyHost = ctx.use(privacyHost);
  const remove = async (key: string) => {
    if (death === 'at a file') left = 0;
    await step(() => storage.delete(key));
  };
  const parts = new Map<unknown, unknown>([
    [storagePort, { ...storage, delete: remove }],
    [
      privacyHost,
      {
        ...host,
        forgetJobs: (...of: Parameters<PrivacyHost['forgetJobs']>) => step(() => host.forgetJobs(...of)),
      },
    ],
  ]);
  return {
    ...ctx,
    transaction: (work) => step(() => ctx.transaction(work)),
    use: (port) => (parts.get(port) as ReturnType<typeof ctx.use<never>> | undefined) ?? ctx.use(port),
  };
}

const needles = ({ name, address, said }: Person) =>
  needlesOf({ addresses: [address], names: [name], texts: [said] });
const foundOf = async (person: Person) =>
  (await searchEverything(inbox.workspace.ctx, needles(person))).found.map(({ place }) => place);
const hitsOf = async ({ name }: Person) =>
  (await inbox.workspace.as('agent').get<{ items: unknown[] }>(`/api/v1/search?q=${name}`)).body.items.length;
const onDisk = async ({ address }: Person) => {
  const { mediaId, fileId } = has.get(address) ?? {};
  const keys = [`media/${inbox.workspace.id}/${mediaId}`, `chat/${inbox.workspace.id}/${fileId}`];
  return Promise.all(keys.map(async (key) => (await test.kernel.use(storagePort).get(key)) !== null));
};

describe('the erasure of a contact whose worker is killed', () => {
  it('is finished by whoever goes on, wherever that was: nothing of them is found, on disk, in chats or by the search', async () => {
    const left = [...people];
    const death = fc.oneof(fc.integer({ min: 0, max: 150 }), fc.constant('at a file' as const));
    const deaths = fc.array<Death>(death, { minLength: 1, maxLength: 5 });
    const job = { signal: new AbortController().signal, isLastAttempt: false };
    await fc.assert(
      fc.asyncProperty(deaths, async (kills) => {
        const person = left.shift();
        const own = has.get(person?.address ?? '');
        if (!person || !own) throw new Error('nobody is left');
        const before = await foundOf(person);
        for (const table of ['messages', 'contact_points', 'contacts', 'notes', 'answer_cases'])
          expect(before).toContain(table);
        for (const place of ['chat_messages', 'chat_files', 'chat/']) expect(before).toContain(place);
        expect([await hitsOf(person), await onDisk(person)]).toEqual([expect.any(Number), [true, true]]);
        expect(await hitsOf(person)).toBeGreaterThan(0);

        const { body: erasure } = await inbox.workspace
          .as('admin')
          .post<Erasure>(path, { contactId: own.contactId });
        for (const death of kills)
          await runErasure(mortal(inbox.workspace.ctx, death), { erasureId: erasure.id }, job, 1).catch(
            (error: Error) => {
              if (error.message !== 'killed') throw error;
            },
          );
        await runErasure(inbox.workspace.ctx, { erasureId: erasure.id }, job);
        const { body: done } = await inbox.workspace.as('admin').get<Erasure>(`${path}/${erasure.id}`);
        expect(done).toMatchObject({ state: 'done', report: { found: [], unreadable: 0 } });
        expect(done.counts.every(({ rows, erased }) => erased >= rows)).toBe(true);
        expect(await foundOf(person)).toEqual([]);
        expect([await hitsOf(person), await onDisk(person)]).toEqual([0, [false, false]]);
        const { body: chat } = await member.client.get<ChatDetail>(`/api/v1/chats/${own.chatId}`);
        expect(chat.messages.find(({ id }) => id === own.chatMessageId)).toMatchObject({
          text: '…',
          files: [],
        });
        for (const other of left) {
          expect(await hitsOf(other)).toBeGreaterThan(0);
          expect(await onDisk(other)).toEqual([true, true]);
        }
      }),
      // Each run needs somebody to erase.
      { numRuns: people.length, endOnFailure: true },
    );
  }, 120_000);
});
