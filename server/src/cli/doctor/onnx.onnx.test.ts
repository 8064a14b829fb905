import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeClassifier, writeEmbedder } from '../../../test/onnx/tiny-models.ts';
import { loadConfig } from '../../core/config.ts';
import { examineOnnx } from './onnx.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-onnx-'));
  const words = { bad: [1, 0], good: [0, 1] };
  await writeClassifier({ folder: join(directory, 'moods'), words, labels: ['negative', 'positive'] });
  await writeClassifier({ folder: join(directory, 'damaged'), words, labels: ['price', 'thanks'] });
  await writeFile(join(directory, 'damaged/onnx/model.onnx'), 'no model');
  await writeEmbedder({ folder: join(directory, 'vectors'), words });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const examine = async (environment: Record<string, string>) =>
  (await examineOnnx(loadConfig({ ONNX_MODELS_DIR: directory, ...environment }))).map(
    ({ level, message, mend }) => [level, message, mend].filter(Boolean).join(' '),
  );

test('models that run are told, and where none is set nothing is', async () => {
  expect(await examine({})).toEqual([]);
  expect(await examine({ ONNX_SENTIMENT_MODEL: 'moods', ONNX_EMBEDDING_MODEL: 'vectors' })).toEqual([
    expect.stringMatching(/^ok ONNX_SENTIMENT_MODEL: moods@[0-9a-f]{12} is there/),
    expect.stringMatching(/^ok ONNX_EMBEDDING_MODEL: vectors@[0-9a-f]{12} is there/),
  ]);
});

test('a model that cannot be run, or says what Parley does not know, is a problem with what mends it', async () => {
  expect(await examine({ ONNX_SENTIMENT_MODEL: 'damaged', ONNX_INTENT_MODEL: 'damaged' })).toEqual([
    expect.stringMatching(
      /^problem .+ do not fit\. It says price, thanks, .+ parley.json, .+ start Parley again\.$/,
    ),
    expect.stringMatching(/^problem ONNX_INTENT_MODEL: The model cannot be run: .+ Fetch its files again/),
  ]);
});
