import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeClassifier } from '../../../test/onnx/tiny-models.ts';
import { createLogger } from '../../core/log.ts';
import { type OnnxError, readModelFolder } from './folder.ts';
import { OnnxModels } from './models.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-onnx-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const words = { bad: [1, 0], good: [0, 1] };
const write = (name: string, settings?: object) =>
  writeClassifier({
    folder: join(directory, name),
    words,
    labels: ['LABEL_0', 'LABEL_1'],
    ...(settings ? { settings } : {}),
  });

const refusal = (name: string) =>
  readModelFolder(directory, name).then(
    () => null,
    (error: OnnxError) => `${error.message} ${error.mend}`,
  );

describe('the folder of a model', () => {
  it('is named with what tells its files from others that stood there before', async () => {
    await write('owner/moods');
    const { version, dtype, labels } = await readModelFolder(directory, 'owner/moods');
    expect(version).toMatch(/^owner\/moods@[0-9a-f]{12}$/);
    expect({ dtype, labels }).toEqual({ dtype: 'fp32', labels: { LABEL_0: 'LABEL_0', LABEL_1: 'LABEL_1' } });
    await write('owner/moods', { labels: { LABEL_0: 'negative', LABEL_1: null } });
    const renamed = await readModelFolder(directory, 'owner/moods');
    expect(renamed.version).not.toBe(version);
    expect(renamed.labels).toEqual({ LABEL_0: 'negative', LABEL_1: null });
  });

  it('has its smaller file read where there are two', async () => {
    await write('both');
    await writeFile(join(directory, 'both/onnx/model_quantized.onnx'), 'smaller');
    expect((await readModelFolder(directory, 'both')).dtype).toBe('q8');
  });

  it('must be there, whole, and of one mind', async () => {
    expect(await refusal('nowhere')).toMatch(/There is no folder nowhere in .+, \S+\. Put the model/);
    await write('no-weights');
    await rm(join(directory, 'no-weights/onnx'), { recursive: true });
    expect(await refusal('no-weights')).toMatch(/neither onnx\/model_quantized.onnx nor onnx\/model.onnx/);
    await write('no-words');
    await writeFile(join(directory, 'no-words/tokenizer.json'), '{"version":');
    expect(await refusal('no-words')).toMatch(/tokenizer.json in .+ cannot be read. Fetch the model again/);
    await write('typo', { treshold: 0.7 });
    expect(await refusal('typo')).toMatch(/parley.json in .+ is wrong: .*treshold/);
    await write('strange', { labels: { LABEL_7: 'negative' } });
    expect(await refusal('strange')).toMatch(
      /labels .+ does not have: LABEL_7. Its labels are LABEL_0, LABEL_1/,
    );
  });

  it('has files that can be read', async () => {
    await write('unreadable');
    const file = join(directory, 'unreadable/onnx/model.onnx');
    await rm(file);
    // Nobody may read at its beginning, the superuser neither.
    await symlink('/proc/self/mem', file);
    expect(await refusal('unreadable')).toMatch(/^The file onnx\/model.onnx in .+ cannot be read. Let /);
  });

  it('says one label of a text', async () => {
    await writeClassifier({
      folder: join(directory, 'several'),
      words,
      labels: ['negative', 'positive'],
      config: { problem_type: 'multi_label_classification' },
    });
    expect(await refusal('several')).toMatch(
      /^The model several says several labels .+ multi_label_classification\). Take one/,
    );
  });

  it('does not lead out of the directory of models', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'parley-outside-'));
    await writeClassifier({ folder: join(outside, 'secret'), words, labels: ['a', 'b'] });
    await symlink(join(outside, 'secret'), join(directory, 'way-out'));
    expect(await refusal('way-out')).toMatch(/leads out of the directory of models/);
    expect(await refusal(`../${outside.split('/').at(-1)}/secret`)).toMatch(/leads out/);
    await rm(outside, { recursive: true, force: true });
  });
});

it('a model that cannot be read keeps nothing from starting, and is told in the log', async () => {
  await write('locked');
  await rm(join(directory, 'locked/onnx/model.onnx'));
  await symlink('/proc/self/mem', join(directory, 'locked/onnx/model.onnx'));
  const logged: string[] = [];
  const log = createLogger('info', { write: (line) => logged.push(line) });
  // As if its package were there: it is not run.
  const runtime = join(directory, 'installed');
  const library = join(runtime, 'node_modules/@huggingface/transformers');
  await mkdir(library, { recursive: true });
  await writeFile(join(library, 'index.js'), '');
  const models = new OnnxModels({ directory, log, runtime: pathToFileURL(`${runtime}/`) });
  expect(await models.openIfSet('locked')).toBeNull();
  expect(logged).toEqual([expect.stringContaining('The file onnx/model.onnx in ')]);
});

it('a package that is missing is told in the log, with the command that installs it, and keeps nothing from starting', async () => {
  const empty = join(directory, 'empty');
  await mkdir(empty, { recursive: true });
  await writeFile(join(empty, 'package.json'), '{}');
  await write('moods');
  const logged: string[] = [];
  const log = createLogger('info', { write: (line) => logged.push(line) });
  const models = new OnnxModels({ directory, log, runtime: pathToFileURL(`${empty}/`) });
  expect(await models.openIfSet('moods')).toBeNull();
  expect(logged).toEqual([expect.stringContaining('@huggingface/transformers, is not installed')]);
  expect(logged[0]).toContain('npm ci --prefix server/onnx --ignore-scripts');
  await expect(models.open('moods')).rejects.toThrow('is not installed');
});
