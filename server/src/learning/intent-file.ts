// A classifier of intents as a file: weights are one byte each, so a model of 150 intents stays below 5 MB.
import { z } from 'zod';
import { featureSpaceOf } from './feature-space.ts';
import { columnCountOf } from './intent-features.ts';
import type { IntentModel } from './intent-model.ts';
import { arrayOf, type ModelFile, readModelFile, writeModelFile } from './model-file.ts';
import { dequantise, quantise } from './quantise.ts';

const KIND = 'intent/1';

const headSchema = z.object({
  labels: z.array(z.string()).min(1),
  classCount: z.int().positive(),
  dimensions: z.int().positive(),
  gain: z.number(),
  factor: z.number(),
  scope: z.object({ weights: z.array(z.number()), offset: z.number() }),
});

export function writeIntentModel(model: IntentModel): Uint8Array<ArrayBuffer> {
  const { labels, spaces, linear, embedding, factor, scope } = model;
  const classWeights = quantise(linear.weights, linear.classCount);
  const vectors = quantise(embedding.vectors, embedding.dimensions);
  return writeModelFile({
    kind: KIND,
    head: {
      labels,
      classCount: linear.classCount,
      dimensions: embedding.dimensions,
      gain: embedding.gain,
      factor,
      scope,
    },
    arrays: {
      words: spaces.words.hashes,
      wordIdf: spaces.words.idf,
      pieces: spaces.pieces.hashes,
      pieceIdf: spaces.pieces.idf,
      linear: classWeights.values,
      linearScales: classWeights.scales,
      linearBias: linear.bias,
      vectors: vectors.values,
      vectorScales: vectors.scales,
      embeddingWeights: embedding.weights,
      embeddingBias: embedding.bias,
    },
  });
}

/** @throws {ModelFileError} for a file that is damaged, of another kind, or whose parts do not fit one another */
export function readIntentModel(bytes: Uint8Array): IntentModel {
  const file = readModelFile(bytes, KIND, headSchema);
  const { labels, classCount, dimensions, gain, factor, scope } = file.head;
  const words = arrayOf(file, 'words', 'u32');
  const pieces = arrayOf(file, 'pieces', 'u32');
  const spaces = {
    words: featureSpaceOf(words, arrayOf(file, 'wordIdf', 'f32', words.length)),
    pieces: featureSpaceOf(pieces, arrayOf(file, 'pieceIdf', 'f32', pieces.length)),
  };
  const columnCount = columnCountOf(spaces);
  return {
    labels,
    spaces,
    linear: {
      classCount,
      columnCount,
      weights: bytesAsNumbers(file, 'linear', 'linearScales', columnCount, classCount),
      bias: arrayOf(file, 'linearBias', 'f32', classCount),
    },
    embedding: {
      classCount,
      columnCount,
      dimensions,
      gain,
      vectors: bytesAsNumbers(file, 'vectors', 'vectorScales', columnCount, dimensions),
      weights: arrayOf(file, 'embeddingWeights', 'f32', classCount * dimensions),
      bias: arrayOf(file, 'embeddingBias', 'f32', classCount),
    },
    factor,
    scope,
  };
}

function bytesAsNumbers(
  file: ModelFile<unknown>,
  name: string,
  scalesName: string,
  rowCount: number,
  columnCount: number,
): Float32Array {
  const values = arrayOf(file, name, 'i8', rowCount * columnCount);
  return dequantise({ rowCount, columnCount, values, scales: arrayOf(file, scalesName, 'f32', rowCount) });
}
