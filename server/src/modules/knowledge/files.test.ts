import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainingData, TrainingDataDetail } from '@parley/contract/training-data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDocx, makeDocxBomb, makePdf, makePdfBomb } from '../../../test/documents.ts';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { fillUp, trainingDataPath, uploadTraining, whenRead } from '../../../test/training.ts';
import { findPassages, passagesOf } from './knowledge.ts';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ environment: { TRAINING_FILE_MB_MAX: '1' } });
});
afterAll(() => test.close());

const menu = makePdf([
  [{ text: 'Opening hours', size: 20 }, 'We open at nine in the morning.'],
  [{ text: 'Delivery', size: 20 }, 'Delivery costs three euros within the city.'],
]);

async function know(workspace: TestWorkspace, bytes: Buffer, name: string): Promise<TrainingData> {
  const { status, body } = await uploadTraining(test, workspace, bytes, name);
  expect(status).toBe(201);
  return whenRead(test, workspace, body.id);
}

const detailOf = async (workspace: TestWorkspace, id: string) =>
  (await workspace.as('viewer').get<TrainingDataDetail>(`${trainingDataPath}/${id}`)).body;

const best = async (workspace: TestWorkspace, question: string) =>
  (await findPassages(await passagesOf(workspace.ctx), question, 'en', 1))[0];

describe('an uploaded file', () => {
  it('is read, and its passages keep their place', async () => {
    const workspace = await test.workspace();
    const data = await know(workspace, menu, 'menu.pdf');
    expect(data).toMatchObject({
      kind: 'file',
      title: 'menu.pdf',
      origin: { fileName: 'menu.pdf', contentType: 'application/pdf', bytes: menu.length },
      state: 'ready',
      error: null,
      progress: null,
      passages: 2,
      language: 'en',
    });
    expect(await best(workspace, 'what does delivery cost?')).toMatchObject({
      textId: data.id,
      title: 'menu.pdf',
      heading: 'Delivery',
      page: 2,
      text: 'Delivery costs three euros within the city.',
    });
    const { documents, passagesFound } = await detailOf(workspace, data.id);
    expect(documents).toMatchObject([{ url: null, state: 'ready', passages: 2 }]);
    expect(passagesFound.map(({ heading, page }) => [heading, page])).toEqual([
      ['Opening hours', 1],
      ['Delivery', 2],
    ]);
  });

  it('given twice is one, and is read again when somebody asks for it', async () => {
    const workspace = await test.workspace();
    const first = await know(workspace, menu, 'menu.pdf');
    const second = await uploadTraining(test, workspace, menu, 'another name.pdf');
    expect(second).toMatchObject({ status: 200, body: { id: first.id, title: 'menu.pdf' } });
    const path = `${trainingDataPath}/${first.id}/reading`;
    expect((await workspace.as('admin').put<TrainingData>(path)).body.state).toBe('queued');
    expect(await whenRead(test, workspace, first.id)).toMatchObject({ state: 'ready', version: 1 });
  });

  it('tells of its progress while it is read', async () => {
    const workspace = await test.workspace();
    const { id } = await know(workspace, menu, 'menu.pdf');
    await test.settled();
    const events = (await test.kernel.events.read(workspace.id, 0, 1000)).filter(
      ({ type, payload }) =>
        type === 'training_data.changed' && (payload as { trainingDataId: string }).trainingDataId === id,
    );
    const told = events.map(({ payload }) => payload as { change: string; state: string; progress: unknown });
    expect(told.map(({ change, state }) => `${change} ${state}`)).toEqual(
      expect.arrayContaining(['created queued', 'progressed reading', 'updated ready']),
    );
    expect(told).toContainEqual(
      expect.objectContaining({ progress: { done: expect.any(Number), of: 2, unit: 'pages' } }),
    );
  });

  it('of every kind is told by its content, whatever its name', async () => {
    const workspace = await test.workspace();
    const files: [Buffer, string, string][] = [
      [makeDocx([[1, 'Parking'], 'Cars stay in the yard behind the house.']), 'x.pdf', 'cars'],
      [Buffer.from('# Pets\n\nDogs are welcome on the terrace.'), 'notes.md', 'dogs'],
      [Buffer.from('<!doctype html><title>Wifi</title><h1>Wifi</h1><p>Ask for the wifi code.'), 'y', 'wifi'],
      [Buffer.from('question,answer\nIs there a lift?,The lift is on the left.\n'), 'faq.csv', 'lift'],
      [Buffer.from('[{"question":"Any towels?","answer":"Towels are free."}]'), 'z.txt', 'towels'],
      [
        Buffer.from(
          '12/03/24, 10:15 - Ada: Is breakfast included?\n12/03/24, 10:16 - Bar: Breakfast is included.\n',
        ),
        'chat.txt',
        'breakfast',
      ],
    ];
    for (const [bytes, name, word] of files) {
      const data = await know(workspace, bytes, name);
      expect([name, data.state, data.error]).toEqual([name, 'ready', null]);
      expect([name, (await best(workspace, word))?.textId]).toEqual([name, data.id]);
    }
    for (const bytes of [
      Buffer.from('PK\x03\x04 not a document'),
      Buffer.from([0, 1, 2, 3]),
      Buffer.alloc(0),
    ]) {
      expect(await uploadTraining(test, workspace, bytes, 'notes.txt')).toMatchObject({
        status: 415,
        body: { error: { code: 'file_type_not_read' } },
      });
    }
  });

  it('larger than allowed is refused, and so are two at once and none', async () => {
    const workspace = await test.workspace();
    expect(await uploadTraining(test, workspace, Buffer.alloc(1_100_000, 'a'), 'a.txt')).toMatchObject({
      status: 413,
    });
    expect((await workspace.as('admin').post(`${trainingDataPath}/files`, {})).status).toBe(415);
    expect((await uploadTraining(test, workspace, menu, 'menu.pdf', { role: 'agent' })).status).toBe(403);
  });

  it('is nobody else’s: another workspace finds neither it nor its words, and the same bytes are another file', async () => {
    const [mine, theirs] = await Promise.all([test.workspace(), test.workspace()]);
    const data = await know(theirs, menu, 'menu.pdf');
    const stranger = mine.as('admin');
    const path = `${trainingDataPath}/${data.id}`;
    expect((await stranger.get(path)).status).toBe(404);
    expect((await stranger.put(path, { title: 'x' })).status).toBe(404);
    expect((await stranger.put(`${path}/reading`)).status).toBe(404);
    expect((await stranger.delete(path)).status).toBe(404);
    expect(await best(mine, 'what does delivery cost?')).toBeUndefined();
    expect((await uploadTraining(test, mine, menu, 'menu.pdf')).status).toBe(201);
  });
});

describe('a file that is broken or made to hurt', () => {
  it('says which page could not be read, and keeps those before it', async () => {
    const workspace = await test.workspace();
    const pages = Array.from({ length: 9 }, (_, at) => [`This is page number ${at + 1}.`]);
    const data = await know(workspace, makePdf(pages, [7]), 'broken.pdf');
    expect(data).toMatchObject({
      state: 'ready',
      error: { code: 'page_unreadable', page: 7, message: 'Could not read page 7.' },
    });
    const { passagesFound } = await detailOf(workspace, data.id);
    expect(passagesFound.map(({ page }) => page)).toEqual(expect.arrayContaining([1, 2, 3, 4, 5, 6]));
  });

  it('ends as a clear failure, and the worker goes on', async () => {
    const workspace = await test.workspace();
    const files: [Buffer, string, string][] = [
      [Buffer.from('%PDF-1.7\nnothing of the kind'), 'damaged.pdf', 'unreadable'],
      [makePdf([[]]), 'scanned.pdf', 'no_text'],
      [makeDocxBomb(300_000_000), 'bomb.docx', 'too_much_memory'],
      [makePdfBomb(200_000_000), 'bomb.pdf', 'too_much_memory'],
      [Buffer.from(`<html>${'<div>'.repeat(150_000)}deep`), 'deep.html', 'unreadable'],
      [Buffer.from(`${'['.repeat(400_000)}`), 'deep.json', 'unreadable'],
    ];
    const uploads = await Promise.all(
      files.map(async ([bytes, name, code]) => ({
        code,
        id: (await uploadTraining(test, workspace, bytes, name)).body.id,
      })),
    );
    for (const { id, code } of uploads) {
      expect(await whenRead(test, workspace, id)).toMatchObject({
        state: 'failed',
        error: { code },
        passages: 0,
      });
    }
    expect(await know(workspace, menu, 'menu.pdf')).toMatchObject({ state: 'ready' });
  }, 120_000);

  it('with more text than there is room for is not taken in part', async () => {
    const workspace = await test.workspace();
    const text = { kind: 'text', title: 'Long', content: 'We bake bread.' };
    expect((await workspace.as('admin').post(trainingDataPath, text)).status).toBe(201);
    await fillUp(workspace.ctx, 20_000);
    const rows = 'name,price,stock\n'.concat('bread,3,yes\n'.repeat(3_000));
    const data = await know(workspace, Buffer.from(rows), 'endless.csv');
    expect(data).toMatchObject({ state: 'failed', error: { code: 'too_much_text' }, characters: 0 });
  });
});

describe('forgetting', () => {
  it('leaves nothing: no row, no passage, no stored byte, no sealed word', async () => {
    const workspace = await test.workspace();
    const data = await know(workspace, menu, 'menu.pdf');
    const folder = join(test.kernel.config.PARLEY_DATA, 'training', workspace.id);
    const [stored] = await readdir(folder);
    expect(stored).toBe(data.id);
    expect((await readFile(join(folder, data.id))).includes('Delivery')).toBe(false);
    expect(await best(workspace, 'what does delivery cost?')).toBeDefined();
    expect((await workspace.as('admin').delete(`${trainingDataPath}/${data.id}`)).status).toBe(204);
    expect(await readdir(folder)).toEqual([]);
    await test.settled();
    expect(await readdir(folder)).toEqual([]);
    expect(await best(workspace, 'what does delivery cost?')).toBeUndefined();
    const left = await test.kernel.database.asSystem((queries) =>
      queries.sql(
        `select id::text from training_data where workspace_id = $1
         union all select id::text from training_documents where workspace_id = $1`,
        [workspace.id],
      ),
    );
    expect(left).toEqual([]);
    expect((await workspace.as('admin').delete(`${trainingDataPath}/${data.id}`)).status).toBe(404);
  });

  it('while it is read is forgetting too', async () => {
    const workspace = await test.workspace();
    const { body } = await uploadTraining(test, workspace, menu, 'menu.pdf');
    expect((await workspace.as('admin').delete(`${trainingDataPath}/${body.id}`)).status).toBe(204);
    await test.settled();
    expect(await best(workspace, 'what does delivery cost?')).toBeUndefined();
    expect((await workspace.as('admin').get<{ items: unknown[] }>(trainingDataPath)).body.items).toEqual([]);
  });
});

it('nothing of a file stands in plain form at rest: not its words, its name or its own title', async () => {
  const workspace = await test.workspace();
  const page = '<!doctype html><title>quokka title</title><h1>quokka heading</h1><p>quokka words';
  const data = await know(workspace, Buffer.from(page), 'quokka name.html');
  expect(data.title).toBe('quokka title');
  await test.settled();
  const rows = await test.kernel.database.asOwner((queries) =>
    queries.sql<{ row: string }>(
      `select to_jsonb(t)::text as row from training_data t union all select to_jsonb(d)::text from training_documents d
       union all select to_jsonb(e)::text from events e union all select to_jsonb(j)::text from pgboss.job j`,
    ),
  );
  const wanted = ['quokka', Buffer.from('quokka').toString('hex')];
  expect(rows.filter(({ row }) => wanted.some((word) => row.includes(word)))).toEqual([]);
  expect(test.logged.filter((line) => line.includes('quokka'))).toEqual([]);
});
