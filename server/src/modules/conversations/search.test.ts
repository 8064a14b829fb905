import type { Conversation } from '@parley/contract/conversations';
import type { Note, SearchHit } from '@parley/contract/inbox';
import type { Message } from '@parley/contract/messages';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { modules } from '../../app.ts';
import type { Context } from '../../core/context.ts';
import { rotateKeys } from '../../core/rotation.ts';
import { createOutboundMessage } from './outbound.ts';
import { searchIndexer } from './search-index.ts';

let twilio: TestTwilio;
let test: TestApp;
let inbox: Inbox;
beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment });
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});
beforeEach(async () => {
  inbox = await openInbox(test, twilio);
});

const rosa = '+12025550142';
const robot = { kind: 'assistant', id: null } as const;

interface Page {
  items: SearchHit[];
  nextCursor: string | null;
}

async function search(q: string, more = '', of: Inbox = inbox): Promise<Page> {
  const { status, body } = await of.workspace
    .as('viewer')
    .get<Page>(`/api/v1/search?q=${encodeURIComponent(q)}${more}`);
  expect(status).toBe(200);
  return body;
}

/** What was said in the hits, newest first; of a contact its address. */
const said = ({ items }: Page) =>
  items.map(({ conversation, message, note }) => message?.body ?? note?.body ?? conversation.contact.address);

/** Resolves when the index has followed the log to its end. */
async function indexed(ctx: Context = inbox.workspace.ctx): Promise<void> {
  await test.settled();
  const head = await test.kernel.events.head();
  await test.until('the search index', async () => (await searchIndexer.catchUp(ctx, head)) === 'done');
}

async function hears(body: string, from = rosa): Promise<Conversation> {
  await twilio.text({ from, to: inbox.channel.address, body });
  await test.settled();
  const conversation = (await inbox.conversations()).find(({ contact }) => contact.address === from);
  if (!conversation) throw new Error('nobody was heard');
  return conversation;
}

const documents = () =>
  inbox.sql<{ kind: string; ref_id: string; terms: string[]; xmin: string }>(
    'select kind, ref_id, terms::text[] as terms, xmin::text from search_documents order by kind, ref_id',
  );

describe('a search', () => {
  it('finds a message by another form, case and accent of its word, and by half of it', async () => {
    await hears('¿Hacen la Reparación de lavadoras mañana?');
    await inbox.write(rosa, 'Yes: appointments are at nine.');
    await indexed();
    for (const q of ['reparaciones', 'REPARAR', 'lavador', 'manana lavad']) {
      expect([q, said(await search(q))]).toEqual([q, ['¿Hacen la Reparación de lavadoras mañana?']]);
    }
    expect(said(await search('appoint'))).toEqual(['Yes: appointments are at nine.']);
    expect(said(await search('lavadora appointments'))).toEqual([]);
    const [hit] = (await search('lavadora')).items;
    expect(hit).toMatchObject({
      conversation: { contact: { address: rosa } },
      message: { direction: 'inbound', status: 'received' },
      note: null,
    });
  });

  it('finds a contact by a part of the number and by the name, once for each conversation', async () => {
    const { contact } = await hears('hello');
    await hears('hello', '+12025550199');
    await indexed();
    expect(said(await search('0142'))).toEqual([rosa]);
    expect(said(await search('(202) 555'))).toEqual(['+12025550199', rosa]);
    expect(said(await search('Muñoz'))).toEqual([]);
    const agent = inbox.workspace.as('agent');
    expect((await agent.put(`/api/v1/contacts/${contact.id}`, { name: 'Rosa Muñoz' })).status).toBe(200);
    await indexed();
    for (const q of ['munoz', 'rosa', 'ros', 'muñoz rosa', 'rosa 0142']) {
      expect([q, said(await search(q))]).toEqual([q, [rosa]]);
    }
    expect((await search('rosa')).items).toMatchObject([
      { conversation: { contact: { name: 'Rosa Muñoz' } }, message: null, note: null },
    ]);
    await agent.put(`/api/v1/contacts/${contact.id}`, { name: null });
    await indexed();
    expect(said(await search('munoz'))).toEqual([]);
    expect(said(await search('0142'))).toEqual([rosa]);
  });

  it('finds a note as it is now, and not once it is gone', async () => {
    const { id } = await hears('hello');
    const agent = inbox.workspace.as('agent');
    const { body: note } = await agent.post<Note>(`/api/v1/conversations/${id}/notes`, {
      body: 'Owes us for the drum.',
    });
    await indexed();
    expect(said(await search('drums'))).toEqual(['Owes us for the drum.']);
    await agent.put(`/api/v1/notes/${note.id}`, { body: 'Has paid for the belt.' });
    await indexed();
    expect(said(await search('drum'))).toEqual([]);
    expect(said(await search('belt'))).toEqual(['Has paid for the belt.']);
    await agent.delete(`/api/v1/notes/${note.id}`);
    await indexed();
    expect(said(await search('belt'))).toEqual([]);
    expect((await documents()).filter(({ kind }) => kind === 'note')).toEqual([]);
  });

  it('finds a draft by what it says now', async () => {
    const { id: conversationId } = await hears('how much?');
    const { messageId } = await inbox.workspace.ctx.transaction((tx) =>
      createOutboundMessage(tx, {
        conversationId,
        body: 'A chain is thirty.',
        sender: robot,
        draft: true,
      }),
    );
    await indexed();
    expect(said(await search('thirty'))).toEqual(['A chain is thirty.']);
    const edited = await inbox.workspace
      .as('agent')
      .patch<Message>(`/api/v1/messages/${messageId}`, { body: 'A chain is forty.' });
    expect(edited.status).toBe(200);
    // Not even before the index knows: what is shown is read again.
    expect(said(await search('thirty'))).toEqual([]);
    await indexed();
    expect(said(await search('thirty'))).toEqual([]);
    expect(said(await search('forty'))).toEqual(['A chain is forty.']);
  });

  it('is paged newest first, each hit once', async () => {
    const bodies = Array.from({ length: 7 }, (_, index) => `The dryer hums, part ${index}`);
    for (const body of bodies) await hears(body);
    await indexed();
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Page = await search('dryer', `&limit=3${cursor ? `&cursor=${cursor}` : ''}`);
      found.push(...said(page));
      cursor = page.nextCursor;
    } while (cursor);
    expect(found).toEqual(bodies.toReversed());
    expect((await search('dryer', '&limit=7')).nextCursor).toBeNull();
  });

  it('finds a rare word behind more texts than are looked through by age', async () => {
    const { id: conversationId } = await hears('The zeppelin hums');
    await inbox.workspace.ctx.transaction(async (tx) => {
      for (let index = 0; index < 100; index += 1) {
        const body = `It hums, part ${index}`;
        await createOutboundMessage(tx, { conversationId, body, sender: robot, draft: true });
      }
    });
    await indexed();
    expect(said(await search('zeppelin', '&limit=1'))).toEqual(['The zeppelin hums']);
    expect(said(await search('hum zeppelin', '&limit=1'))).toEqual(['The zeppelin hums']);
  });

  it('finds nothing where there is nothing to look for or to be found', async () => {
    expect(await search('…')).toEqual({ items: [], nextCursor: null });
    expect(await search('anything')).toEqual({ items: [], nextCursor: null });
    const viewer = inbox.workspace.as('viewer');
    expect((await viewer.get('/api/v1/search?q=')).status).toBe(400);
    expect((await viewer.get('/api/v1/search?q=a&cursor=b')).status).toBe(400);
  });

  it('finds nothing of another workspace', async () => {
    const other = await openInbox(test, twilio, { workspaceName: 'Ana’s Bakery' });
    await twilio.text({ from: rosa, to: other.channel.address, body: 'My dryer is broken' });
    await hears('Two loaves, please');
    await indexed();
    await indexed(other.workspace.ctx);
    expect(said(await search('dryer'))).toEqual([]);
    expect(said(await search('dryer', '', other))).toEqual(['My dryer is broken']);
  });

  it('shows no hit whose hashes only look like one', async () => {
    await hears('My dryer is broken');
    await hears('Two loaves, please', '+12025550199');
    await indexed();
    await inbox.sql(
      `update search_documents set terms = (select array_agg(distinct term) from search_documents, unnest(terms) term)
       where workspace_id = $1`,
      [inbox.workspace.id],
    );
    expect(said(await search('dryer'))).toEqual(['My dryer is broken']);
    expect(said(await search('0142'))).toEqual([rosa]);
  });
});

describe('the search index', () => {
  it('holds no word and no number, and the same word never looks the same in two workspaces', async () => {
    const other = await openInbox(test, twilio, { workspaceName: 'Ana’s Bakery' });
    await twilio.text({ from: rosa, to: other.channel.address, body: 'zeppelin' });
    await twilio.text({ from: rosa, to: inbox.channel.address, body: 'zeppelin' });
    await indexed();
    await indexed(other.workspace.ctx);
    const rows = await test.kernel.database.asSystem((queries) =>
      queries.sql<{ workspace_id: string; kind: string; terms: string[]; row: string }>(
        `select workspace_id, kind, terms::text[] as terms, to_jsonb(d)::text || to_jsonb(i)::text as row
         from search_documents d join search_indexes i using (workspace_id) where workspace_id = any($1)`,
        [[inbox.workspace.id, other.workspace.id]],
      ),
    );
    expect(rows.length).toBe(4);
    for (const { row } of rows) expect(row).not.toMatch(/zeppelin|7a657070656c696e|2025550142/i);
    const terms = rows.flatMap((row) => row.terms);
    expect(terms.length).toBeGreaterThan(20);
    expect(new Set(terms).size).toBe(terms.length);
  });

  it('comes to the same when the log is followed again, and writes nothing twice', async () => {
    const { id } = await hears('My dryer is broken');
    await inbox.workspace.as('agent').post(`/api/v1/conversations/${id}/notes`, { body: 'Again!' });
    await indexed();
    const before = await documents();
    expect(before.map(({ kind }) => kind)).toEqual(['contact', 'message', 'note']);
    await inbox.sql('update search_indexes set sequence = 0 where workspace_id = $1', [inbox.workspace.id]);
    await indexed();
    expect(await documents()).toEqual(before);
  });

  it('is whole after a batch that was cut off in the middle', async () => {
    await hears('My dryer is broken');
    await indexed();
    const before = await documents();
    await inbox.sql('delete from search_documents where workspace_id = $1', [inbox.workspace.id]);
    await inbox.sql('update search_indexes set sequence = 0 where workspace_id = $1', [inbox.workspace.id]);
    const { ctx } = inbox.workspace;
    const cutOff: Context = {
      ...ctx,
      transaction: (work) =>
        ctx.transaction(async (tx) => {
          await work(tx);
          throw new Error('cut off');
        }),
    };
    const head = await test.kernel.events.head();
    await expect(searchIndexer.catchUp(cutOff, head)).rejects.toThrow('cut off');
    await indexed();
    const strip = (rows: typeof before) => rows.map(({ xmin: _xmin, ...row }) => row);
    expect(strip(await documents())).toEqual(strip(before));
  });

  it('is made anew by many at once as by one, when its terms were made in an older way', async () => {
    for (let index = 0; index < 5; index += 1) await hears(`The dryer hums, part ${index}`);
    await indexed();
    const strip = (rows: Awaited<ReturnType<typeof documents>>) => rows.map(({ xmin: _xmin, ...row }) => row);
    const before = strip(await documents());
    await inbox.sql(`update search_documents set terms = '{1}' where workspace_id = $1`, [
      inbox.workspace.id,
    ]);
    await inbox.sql('update search_indexes set version = 0 where workspace_id = $1', [inbox.workspace.id]);
    const behind = await test.kernel.database.asSystem((queries) => searchIndexer.behind(queries));
    expect(behind).toContain(inbox.workspace.id);
    const head = await test.kernel.events.head();
    await Promise.all(Array.from({ length: 4 }, () => searchIndexer.catchUp(inbox.workspace.ctx, head)));
    await indexed();
    expect(strip(await documents())).toEqual(before);
  });

  it('is left alone by an older Parley', async () => {
    await hears('My dryer is broken');
    await indexed();
    await inbox.sql('update search_indexes set version = 1000, sequence = 0 where workspace_id = $1', [
      inbox.workspace.id,
    ]);
    expect(await searchIndexer.catchUp(inbox.workspace.ctx, await test.kernel.events.head())).toBe('done');
    const [row] = await inbox.sql<{ version: number; sequence: string | number }>(
      'select version, sequence from search_indexes where workspace_id = $1',
      [inbox.workspace.id],
    );
    expect([row?.version, Number(row?.sequence)]).toEqual([1000, 0]);
  });

  it('leaves out a message that cannot be opened, and goes on', async () => {
    await hears('My dryer is broken');
    await inbox.sql(`update messages set content = '\\x00' where workspace_id = $1`, [inbox.workspace.id]);
    await inbox.sql('update search_indexes set sequence = 0 where workspace_id = $1', [inbox.workspace.id]);
    await hears('It hums');
    await indexed();
    expect((await documents()).map(({ kind }) => kind)).toEqual(['contact', 'message']);
  });

  it('takes in a note that is one word of nothing but endings, and goes on', async () => {
    const conversation = await hears('hello');
    const agent = inbox.workspace.as('agent');
    const notes = `/api/v1/conversations/${conversation.id}/notes`;
    expect((await agent.post(notes, { body: 's'.repeat(10_000) })).status).toBe(201);
    await agent.post(notes, { body: 'A parcel is waiting.' });
    await indexed();
    expect(said(await search('parcels'))).toEqual(['A parcel is waiting.']);
  });

  it('follows by itself', async () => {
    await hears('My dryer is broken');
    await test.until('the message to be found', async () => (await search('dryer')).items.length === 1);
  });

  it('outlives the rotation of keys, and is of no use without them', async () => {
    await hears('My dryer is broken');
    await indexed();
    const report = await rotateKeys(
      test.kernel,
      modules.flatMap((module) => module.sealed ?? []),
      { announceMs: 200, settleMs: 400 },
    );
    expect(report.finished).toBe(true);
    expect(said(await search('dryer'))).toEqual(['My dryer is broken']);
    await test.kernel.keyring.destroy(inbox.workspace.id);
    const { status } = await inbox.workspace.as('viewer').get('/api/v1/search?q=dryer');
    expect(status).toBe(410);
  });
});
