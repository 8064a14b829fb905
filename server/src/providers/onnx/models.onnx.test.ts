import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { writeClassifier, writeEmbedder } from '../../../test/onnx/tiny-models.ts';
import { createLogger } from '../../core/log.ts';
import { OnnxError } from './folder.ts';
import { OnnxModels } from './models.ts';

let directory = '';
let models: OnnxModels;
const logged: string[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-onnx-'));
  await writeClassifier({
    folder: join(directory, 'moods'),
    labels: ['negative', 'neutral', 'positive'],
    words: { bad: [4, 0, 0], fine: [0, 4, 0], good: [0, 0, 4] },
  });
  await writeEmbedder({
    folder: join(directory, 'vectors'),
    words: { open: [1, 0, 0], closed: [0, 1, 0], question: [0, 0, 3], passage: [0, 3, 0] },
    settings: { queryPrefix: 'question ', passagePrefix: 'passage ' },
  });
  models = new OnnxModels({ directory, log: createLogger('info', { write: (line) => logged.push(line) }) });
});
afterAll(async () => {
  await models.stop();
  await rm(directory, { recursive: true, force: true });
});

const soon = () => AbortSignal.timeout(30_000);
const best = (said: Readonly<Record<string, number>>) =>
  Object.entries(said).sort((a, b) => b[1] - a[1])[0]?.[0];

describe('a classifier', () => {
  it('says of each text what it alone says, however many are read together', async () => {
    const model = await models.open('moods');
    const texts = Array.from(
      { length: 40 },
      (_, at) => ['bad', 'fine indeed, fine', 'good good good'][at % 3] ?? '',
    );
    const together = await Promise.all(texts.map((text) => model.classify(text, soon())));
    expect(together.map(best)).toEqual(texts.map((_, at) => ['negative', 'neutral', 'positive'][at % 3]));
    const [alone] = [await model.classify('bad', soon())];
    for (const label of ['negative', 'neutral', 'positive'])
      expect(together[0]?.[label]).toBeCloseTo(alone[label] ?? Number.NaN, 5);
    expect(alone.negative).toBeCloseTo(Math.exp(4) / (Math.exp(4) + 2), 5);
  });

  it('reads as much of a long text as it can', async () => {
    const model = await models.open('moods');
    const said = await model.classify(`bad ${'word '.repeat(5_000)}good good`, soon());
    expect(best(said)).toBe('negative');
  });
});

describe('a model of embeddings', () => {
  it('makes a vector of length 1 for each text, after what belongs before it', async () => {
    const model = await models.open('vectors');
    const root = Math.sqrt(10);
    const asked = await model.embed(['open'], 'question', soon());
    expect(Array.from(asked.vectors[0] ?? [])).toEqual(
      [1 / root, 0, 3 / root].map((one) => expect.closeTo(one, 5)),
    );
    const { vectors, tokens } = await model.embed(['open', 'open open'], 'passage', soon());
    expect(Array.from(vectors[0] ?? [])).toEqual(
      [1 / root, 3 / root, 0].map((one) => expect.closeTo(one, 5)),
    );
    expect(Array.from(vectors[1] ?? [])).toEqual(
      [2, 3, 0].map((one) => expect.closeTo(one / Math.sqrt(13), 5)),
    );
    expect(tokens).toBe(5);
  });

  it('lets who is waited for go before many who are not', async () => {
    const [vectors, moods] = [await models.open('vectors'), await models.open('moods')];
    await Promise.all([vectors.embed(['open'], 'passage', soon()), moods.classify('bad', soon())]);
    const order: string[] = [];
    const passages = vectors
      .embed(Array<string>(4_000).fill('open '.repeat(60)), 'passage', soon())
      .then(() => order.push('passages'));
    await moods.classify('good', soon()).then(() => order.push('message'));
    await passages;
    expect(order).toEqual(['message', 'passages']);
  });
});

describe('what goes wrong', () => {
  it('a damaged file is told once, and asked no more for a while', async () => {
    const folder = join(directory, 'damaged');
    await writeClassifier({ folder, labels: ['a', 'b'], words: { bad: [1, 0] } });
    await writeFile(join(folder, 'onnx/model.onnx'), Buffer.alloc(400, 7));
    const model = await models.open('damaged');
    await expect(model.classify('bad', soon())).rejects.toThrow(/cannot be run: .*model.onnx/);
    await expect(model.classify('bad', soon())).rejects.toThrow(/left alone for a minute/);
    expect(logged.filter((line) => line.includes('damaged@'))).toHaveLength(1);
    // The others go on.
    expect(best(await (await models.open('moods')).classify('bad', soon()))).toBe('negative');
  });

  it('nobody waits longer than they want to; after three in a row who waited in vain, nobody waits for a minute', async () => {
    // Its process takes longer than that to start.
    const starting = new OnnxModels({ directory, log: createLogger('silent') });
    const model = await starting.open('moods');
    for (let time = 0; time < 3; time += 1)
      await expect(model.classify('bad', AbortSignal.timeout(1))).rejects.toThrow(
        expect.objectContaining({ name: 'TimeoutError' }),
      );
    await expect(model.classify('bad', soon())).rejects.toThrow(/left alone/);
    await starting.stop();
  });

  it('passages that come too late keep no question from being asked', async () => {
    const starting = new OnnxModels({ directory, log: createLogger('silent') });
    const model = await starting.open('vectors');
    for (let time = 0; time < 4; time += 1)
      await expect(model.embed(['open'], 'passage', AbortSignal.timeout(1))).rejects.toThrow(
        expect.objectContaining({ name: 'TimeoutError' }),
      );
    expect((await model.embed(['open'], 'question', soon())).vectors).toHaveLength(1);
    await starting.stop();
  });

  it('a process that was killed is told, and started again for the next text', async () => {
    const [model, later] = [await models.open('moods'), await models.open('moods')];
    await model.classify('good', soon());
    const dying = models.processId ?? 0;
    // So that it does not answer before it dies.
    process.kill(dying, 'SIGSTOP');
    const waiting = model.classify('good', soon());
    process.kill(dying, 'SIGKILL');
    await expect(waiting).rejects.toThrow(OnnxError);
    expect(best(await later.classify('good', soon()))).toBe('positive');
  });

  it('texts that nobody waits for any more, when the process has just died, harm nobody', async () => {
    const uncaught: unknown[] = [];
    const note = (error: unknown) => uncaught.push(error);
    process.on('uncaughtException', note);
    onTestFinished(() => void process.off('uncaughtException', note));
    const [model, later] = [await models.open('moods'), await models.open('moods')];
    await model.classify('good', soon());
    const leaving = new AbortController();
    const left = [1, 2, 3].map(() => model.classify('good', leaving.signal));
    const outcomes = Promise.allSettled(left);
    const dying = models.processId ?? 0;
    process.kill(dying, 'SIGKILL');
    // Before this process has heard of it.
    while (isAlive(dying));
    leaving.abort();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await expect(model.classify('good', soon())).rejects.toThrow(OnnxError);
    expect(best(await later.classify('good', soon()))).toBe('positive');
    expect(uncaught).toEqual([]);
  });
});

/** Not after all of its threads have ended, also where nobody has asked yet how. */
function isAlive(pid: number): boolean {
  try {
    const isEnded = readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
    return !isEnded || readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    return false;
  }
}
