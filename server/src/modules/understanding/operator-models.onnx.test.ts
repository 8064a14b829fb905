import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Insight } from '@parley/contract/insights';
import type { Message } from '@parley/contract/messages';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { writeClassifier } from '../../../test/onnx/tiny-models.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { writeIntentModel } from '../../learning/intent-file.ts';
import { trainIntentClassifier } from '../../learning/intent-training.ts';
import { runToEnd } from '../../learning/steps.ts';

let directory = '';
let twilio: TestTwilio;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-onnx-'));
  // No word of these means anything to the models that come with Parley, or what it means to them.
  await writeClassifier({
    folder: join(directory, 'stars'),
    labels: ['1 star', '2 stars', '3 stars', '4 stars', '5 stars'],
    words: { blorp: [2, 2, 0, 0, 0], fleem: [0, 0, 3, 0, 0], wuzzle: [0, 0, 0, 3, 4] },
    settings: {
      labels: {
        '1 star': 'negative',
        '2 stars': 'negative',
        '3 stars': 'neutral',
        '4 stars': 'positive',
        '5 stars': 'positive',
      },
      languages: ['en'],
    },
  });
  await writeClassifier({
    folder: join(directory, 'wants'),
    labels: ['Order status', 'opening-hours', 'none'],
    words: { blorp: [5, 0, 0], fleem: [0, 5, 0], wuzzle: [0, 0, 5] },
  });
  twilio = await startTwilio();
});
afterAll(async () => {
  await twilio.close();
  await rm(directory, { recursive: true, force: true });
});

const set = { ONNX_SENTIMENT_MODEL: 'stars', ONNX_INTENT_MODEL: 'wants' };

async function withInbox(
  environment: Record<string, string>,
  work: (inbox: Inbox, test: TestApp) => Promise<void>,
): Promise<void> {
  const test = await startTestApp({
    environment: {
      ...twilio.environment,
      ONNX_MODELS_DIR: directory,
      // The first text finds a model that is still being loaded, on a machine that may be slow.
      ONNX_WAIT_SECONDS: '25',
      ...environment,
    },
  });
  try {
    await work(await openInbox(test, twilio), test);
  } finally {
    await test.close();
  }
}

let contacts = 0;
/** What is understood of a text of somebody new. */
async function text(inbox: Inbox, test: TestApp, body: string): Promise<Insight> {
  contacts += 1;
  const from = `+1555126${String(contacts).padStart(4, '0')}`;
  await twilio.text({ from, to: inbox.channel.address, body });
  await test.settled();
  const viewer = inbox.workspace.as('viewer');
  const conversation = (await inbox.conversations()).find(({ contact }) => contact.address === from);
  const { body: page } = await viewer.get<{ items: Message[] }>(
    `/api/v1/conversations/${conversation?.id}/messages`,
  );
  return (await viewer.get<Insight>(`/api/v1/messages/${page.items[0]?.id}/insight`)).body;
}

it('messages are read by the models that the operator has set, and their insights name those', async () => {
  await withInbox(set, async (inbox, test) => {
    const [bad, fine, good] = [
      await text(inbox, test, 'I think that this is blorp'),
      await text(inbox, test, 'I think that this is fleem'),
      await text(inbox, test, 'I think that this is wuzzle'),
    ];
    const moods = { modelVersion: expect.stringMatching(/^stars@[0-9a-f]{12}$/) };
    const wants = { modelVersion: expect.stringMatching(/^wants@[0-9a-f]{12}$/) };
    expect(bad).toMatchObject({
      intent: { value: 'order_status', confidence: expect.closeTo(0.987, 2), ...wants },
      sentiment: { value: 'negative', confidence: expect.closeTo(0.831, 2), ...moods },
      language: { value: 'en', modelVersion: expect.stringMatching(/^parley-language@/) },
    });
    expect(fine).toMatchObject({
      intent: { value: 'opening_hours', ...wants },
      sentiment: { value: 'neutral', ...moods },
    });
    expect(good).toMatchObject({
      intent: { value: null, ...wants },
      sentiment: { value: 'positive', ...moods },
    });
    // And all that follows from it.
    expect(await inbox.conversations('?intent=order_status')).toHaveLength(1);
    const told = await inbox.events('message.understood');
    expect(told.map(({ payload }) => payload.sentiment)).toEqual(
      expect.arrayContaining(['negative', 'neutral', 'positive']),
    );
  });
});

it('what is in a language that the model does not read, the one that comes with Parley reads', async () => {
  await withInbox(set, async (inbox, test) => {
    expect(await text(inbox, test, '¡Muchísimas gracias, son los mejores, me encanta! blorp')).toMatchObject({
      language: { value: 'es' },
      intent: { value: 'order_status' },
      sentiment: { value: 'positive', modelVersion: expect.stringMatching(/^parley-sentiment@/) },
    });
  });
});

it('a model of intents that the workspace has promoted goes before it', async () => {
  await withInbox(set, async (inbox, test) => {
    const examples = ['wants skates sharpened', 'sharpen my skates', 'is it blorp', 'blorp it is'].flatMap(
      (each, at) =>
        ['', 'please ', 'hello, '].map((before) => ({
          text: before + each,
          label: at < 2 ? 'skates' : 'blorps',
        })),
    );
    const { model } = runToEnd(trainIntentClassifier(examples, { seed: 1 }));
    const response = await fetch(`${test.url}/api/v1/intent-models/file`, {
      method: 'POST',
      headers: {
        'content-type': 'application/octet-stream',
        ...(await inbox.workspace.as('admin').authorization()),
      },
      body: new Uint8Array(writeIntentModel(model)),
    });
    const { id: modelId } = (await response.json()) as { id: string };
    await inbox.workspace.as('admin').put('/api/v1/intent-models/live', { modelId });
    expect(await text(inbox, test, 'I think that this is blorp')).toMatchObject({
      intent: { modelVersion: 'workspace@1' },
      sentiment: { modelVersion: expect.stringMatching(/^stars@/) },
    });
  });
});

it('where a file is damaged, what comes with Parley reads, and the log tells once', async () => {
  await writeClassifier({
    folder: join(directory, 'damaged'),
    labels: ['negative', 'positive'],
    words: { blorp: [1, 0] },
  });
  await writeFile(join(directory, 'damaged/onnx/model.onnx'), Buffer.alloc(500, 3));
  await withInbox({ ONNX_SENTIMENT_MODEL: 'damaged' }, async (inbox, test) => {
    for (const body of ['That is wonderful, I love it, thank you!', 'That is great, thank you so much!'])
      expect(await text(inbox, test, body)).toMatchObject({
        intent: { modelVersion: expect.stringMatching(/^parley-intent@/) },
        sentiment: { value: 'positive', modelVersion: expect.stringMatching(/^parley-sentiment@/) },
      });
    expect(test.logged.filter((line) => line.includes('an ONNX model fails'))).toHaveLength(1);
  });
});

it('a model whose labels are no sentiments, or that is not there, is told of when Parley starts, and not asked', async () => {
  await withInbox({ ONNX_SENTIMENT_MODEL: 'wants', ONNX_INTENT_MODEL: 'nowhere' }, async (inbox, test) => {
    const told = test.logged.filter((line) => line.includes('an ONNX model cannot be used'));
    expect(told).toHaveLength(2);
    expect(told.join()).toContain('It says Order status, opening-hours, none, which Parley does not know');
    expect(told.join()).toContain('There is no folder nowhere');
    expect(await text(inbox, test, 'What are your opening hours on Sunday?')).toMatchObject({
      intent: { value: 'opening_hours', modelVersion: expect.stringMatching(/^parley-intent@/) },
      sentiment: { modelVersion: expect.stringMatching(/^parley-sentiment@/) },
    });
    const asked = test.logged.filter((line) => line.includes('understanding.ask_operator_models'));
    expect(asked).toEqual([]);
  });
});
