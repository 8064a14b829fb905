import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../../test/harness.ts';
import { collectExamples } from './examples.ts';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

it('examples of many pages are collected each once, as of the moment that is asked for', async () => {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  const intent = 'sharpen_skates';
  await admin.put(`/api/v1/intents/${intent}`, { enabled: true });
  const write = (texts: readonly string[]) => admin.post('/api/v1/intent-examples', { intent, texts });
  const written = Array.from({ length: 1_100 }, (_, at) => `skates number ${at}`);
  for (let at = 0; at < written.length; at += 200) await write(written.slice(at, at + 200));
  const until = test.kernel.clock.date();
  await write([`after ${until.toISOString()}`]);
  // Of the same millisecond it would count.
  await workspace.ctx.transaction((tx) =>
    tx.sql(
      `update intent_examples set created_at = created_at + interval '1 second'
       where id = (select id from intent_examples order by id desc limit 1)`,
    ),
  );
  const { examples, counts } = await collectExamples(workspace.ctx, until);
  const ofIt = examples.flatMap(({ text, label }) => (label === intent ? [text] : []));
  expect(ofIt).toEqual(written);
  expect(counts).toMatchObject({ written: 1_100, corrected: 0 });
  await admin.put(`/api/v1/intents/${intent}`, { enabled: false });
  expect((await collectExamples(workspace.ctx, until)).counts).toMatchObject({ written: 0 });
});
