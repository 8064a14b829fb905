// What the simulator's endpoint of embeddings reads, and how a fault distorts what it answers.
import { z } from 'zod';
import type { ModelFault } from './simulator.ts';

export const embeddingRequest = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.string().min(1)).min(1).max(2048)]),
  encoding_format: z.enum(['float', 'base64']).default('float'),
});

/** Numbers for a text; null: it is one that this model does not take, and a request with it is refused. */
export type SimulatedVectors = (text: string) => readonly number[] | null;

interface SimulatedEmbedding {
  readonly index: number;
  readonly embedding: readonly (number | null)[];
}

export function distort(
  fault: ModelFault | null,
  made: readonly (readonly number[])[],
): SimulatedEmbedding[] {
  const whole: SimulatedEmbedding[] = made.map((embedding, index) => ({ index, embedding }));
  const [first, ...others] = whole;
  const last = whole.at(-1);
  if (!first || !last) return whole;
  switch (fault) {
    case 'dimension':
      return [...whole.slice(0, -1), { ...last, embedding: last.embedding.slice(0, -1) }];
    case 'no_number':
      return [{ ...first, embedding: [null, ...first.embedding.slice(1)] }, ...others];
    case 'zero':
      return [{ ...first, embedding: first.embedding.map(() => 0) }, ...others];
    case 'too_few':
      return whole.slice(0, -1);
    case 'twice':
      return whole.map((one) => ({ ...one, index: 0 }));
    case 'unordered':
      return whole.toReversed();
    default:
      return whole;
  }
}

export const toBase64 = (numbers: readonly (number | null)[]) =>
  Buffer.from(Float32Array.from(numbers, (number) => number ?? Number.NaN).buffer).toString('base64');
