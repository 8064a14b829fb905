// Texts through a pipeline of transformers.js.
import type { Probabilities, Question } from './wire.ts';

interface Tensor {
  tolist(): unknown[];
}

/** As much of a pipeline as is used of it. */
export interface TextPipeline {
  (texts: readonly string[], options: object): Promise<unknown>;
  readonly tokenizer: {
    (texts: readonly string[], options: object): { readonly attention_mask: Tensor };
    readonly model_max_length: number;
  };
  readonly model: { readonly config: { readonly max_position_embeddings?: number } };
}

const tokensUsual = 512;
/** Some tokenizers say "without end", as a number with 30 digits. */
const tokensMax = 32_768;
/** Of one text: the rest would be cut away as tokens. */
const charactersMax = 20_000;

/** Has the tokenizer cut texts that are longer than the model reads, also where its files do not say how long that is. */
export function cutLong(pipeline: TextPipeline): TextPipeline {
  if (pipeline.tokenizer.model_max_length <= tokensMax) return pipeline;
  const value = pipeline.model.config.max_position_embeddings ?? tokensUsual;
  Object.defineProperty(pipeline.tokenizer, 'model_max_length', { value });
  return pipeline;
}

/** Of each text its probabilities or its vector, and how many tokens it was cut into. @throws what the model throws */
export async function runTexts(
  pipeline: TextPipeline,
  { task, pooling }: Pick<Question, 'task' | 'pooling'>,
  whole: readonly string[],
): Promise<{ results: (Probabilities | Float32Array)[]; tokens: number[] }> {
  const texts = whole.map((text) => text.slice(0, charactersMax));
  const tokens = countTokens(pipeline, texts);
  if (task === 'feature-extraction') {
    const vectors = (await pipeline(texts, { pooling, normalize: true })) as Tensor;
    return { results: vectors.tolist().map((row) => Float32Array.from(row as number[])), tokens };
  }
  const said = (await pipeline(texts, { top_k: null })) as { label: string; score: number }[][];
  return {
    results: said.map((each) => Object.fromEntries(each.map(({ label, score }) => [label, score]))),
    tokens,
  };
}

function countTokens({ tokenizer }: TextPipeline, texts: readonly string[]): number[] {
  try {
    const { attention_mask: mask } = tokenizer(texts, { padding: true, truncation: true });
    return mask
      .tolist()
      .map((row) => (row as (number | bigint)[]).reduce((sum: number, one) => sum + Number(one), 0));
  } catch {
    // Its own words may be those of the text, which belong into no log.
    throw new Error('its tokenizer cannot read a text');
  }
}
