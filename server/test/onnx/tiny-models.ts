// Models of a few words, in folders as Hugging Face lays them out: what a text says is the sum of what its words say.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeModel, type Graph } from './encode.ts';

/** What each word says: as many numbers as there are labels, or as a vector has. */
export type Words = Readonly<Record<string, readonly number[]>>;

interface Folder {
  readonly folder: string;
  readonly words: Words;
  /** More for config.json. */
  readonly config?: object;
  /** What parley.json says, where there is one. */
  readonly settings?: object;
}

/** A classifier that says the labels of `labels` by their places in `words`. */
export async function writeClassifier({
  labels,
  ...folder
}: Folder & { readonly labels: readonly string[] }): Promise<void> {
  const graph = classifierGraph(folder.words, labels.length);
  await writeFolder(
    { ...folder, config: { id2label: { ...labels }, ...folder.config } },
    'BertForSequenceClassification',
    graph,
  );
}

/** A model of embeddings: a word is its vector, and a text the mean of its words. */
export async function writeEmbedder(folder: Folder): Promise<void> {
  await writeFolder(folder, 'BertModel', embedderGraph(folder.words));
}

const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
const vocabularyOf = (words: Words) => [...special, ...Object.keys(words)];

async function writeFolder(
  { folder, words, config, settings }: Folder,
  architecture: string,
  graph: Graph,
): Promise<void> {
  const vocabulary = vocabularyOf(words);
  await mkdir(join(folder, 'onnx'), { recursive: true });
  const files: Record<string, object> = {
    'config.json': { model_type: 'bert', architectures: [architecture], ...config },
    'tokenizer_config.json': { tokenizer_class: 'BertTokenizer', model_max_length: 64, pad_token: '[PAD]' },
    'tokenizer.json': {
      version: '1.0',
      added_tokens: special.map((content, id) => ({ id, content, special: true })),
      normalizer: { type: 'BertNormalizer', lowercase: true },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: null,
      decoder: null,
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
      },
    },
    ...(settings ? { 'parley.json': settings } : {}),
  };
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder, name), JSON.stringify(content));
  await writeFile(join(folder, 'onnx', 'model.onnx'), encodeModel(graph));
}

const inputs = ['input_ids', 'attention_mask', 'token_type_ids'].map((name) => ({
  name,
  type: 'i64' as const,
  dims: ['batch', 'tokens'],
}));

/** A row for each word; what is no word of the model says nothing. */
function table(words: Words) {
  const rows = Object.values(words);
  const width = rows[0]?.length ?? 0;
  const values = [...special.map(() => new Array<number>(width).fill(0)), ...rows].flat();
  return { name: 'table', dims: [values.length / width, width], values: Float32Array.from(values) };
}

const lookUp = [
  { type: 'Gather', inputs: ['table', 'input_ids'], output: 'looked_up' },
  { type: 'Cast', inputs: ['attention_mask'], output: 'mask', attributes: { to: 1 } },
  { type: 'Unsqueeze', inputs: ['mask', 'last'], output: 'mask_of_words' },
  { type: 'Mul', inputs: ['looked_up', 'mask_of_words'], output: 'words' },
];
const last = { name: 'last', dims: [1], values: BigInt64Array.from([2n]) };

function classifierGraph(words: Words, labelCount: number): Graph {
  const identity = Float32Array.from({ length: labelCount ** 2 }, (_, at) =>
    at % (labelCount + 1) === 0 ? 1 : 0,
  );
  return {
    inputs,
    outputs: [{ name: 'logits', type: 'f32', dims: ['batch', labelCount] }],
    constants: [
      table(words),
      last,
      { name: 'tokens', dims: [1], values: BigInt64Array.from([1n]) },
      { name: 'weights', dims: [labelCount, labelCount], values: identity },
      { name: 'bias', dims: [labelCount], values: new Float32Array(labelCount) },
    ],
    operations: [
      ...lookUp,
      { type: 'ReduceSum', inputs: ['words', 'tokens'], output: 'sum', attributes: { keepdims: 0 } },
      { type: 'MatMul', inputs: ['sum', 'weights'], output: 'product' },
      { type: 'Add', inputs: ['product', 'bias'], output: 'logits' },
    ],
  };
}

function embedderGraph(words: Words): Graph {
  const { dims } = table(words);
  return {
    inputs,
    outputs: [{ name: 'last_hidden_state', type: 'f32', dims: ['batch', 'tokens', dims[1] ?? 0] }],
    constants: [table(words), last],
    operations: [...lookUp, { type: 'Identity', inputs: ['words'], output: 'last_hidden_state' }],
  };
}
