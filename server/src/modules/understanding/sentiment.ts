// Says how a message sounds: negative, neutral or positive, by a small model that ships with Parley; see models/sentiment.md.
import type { SentimentLabel } from '@parley/contract/insights';
import { z } from 'zod';
import { type BucketModel, scoreWeightedBuckets } from '../../learning/bucket-model.ts';
import { argmax, softmaxInPlace } from '../../learning/linear.ts';
import { arrayOf, type ModelFile, readModelFile, writeModelFile } from '../../learning/model-file.ts';
import type { DetectedLanguage, Language } from './language.ts';
import {
  LEXICON_COLUMNS,
  readSentimentFeatures,
  type SentimentLexicon,
  tokeniseSentiment,
} from './sentiment-features.ts';
import { shippedModel } from './shipped-model.ts';

export interface Sentiment {
  readonly label: SentimentLabel;
  /** The probability that the label is right, 0 to 1, where each is as frequent as the others. */
  readonly confidence: number;
  /** From -1, wholly negative, to 1: the probability of positive less that of negative. */
  readonly score: number;
}

/** Null where there is nothing to read, or in a language that it does not know. */
export type SentimentReader = (text: string, language: DetectedLanguage['language']) => Sentiment | null;

/** Kept with each insight, so that what an older model said can be told apart. */
export const sentimentModel = 'parley-sentiment@1';

export const sentimentModelFile = new URL('models/sentiment.bin', import.meta.url);

export const SENTIMENTS = ['negative', 'neutral', 'positive'] as const satisfies readonly SentimentLabel[];

/** Its megabyte is read at the first call. */
export const loadSentimentReader: () => Promise<SentimentReader> = shippedModel(sentimentModelFile, (bytes) =>
  sentimentReaderOf(readSentimentModel(bytes)),
);

export interface LanguageSentiment {
  readonly model: BucketModel;
  readonly lexicon: SentimentLexicon;
  /** By which scores are multiplied before softmax; see `fitTemperature`. */
  readonly factor: number;
}

export type SentimentModel = Readonly<Record<Language, LanguageSentiment>>;

export function sentimentReaderOf(models: SentimentModel): SentimentReader {
  const scores = new Float64Array(SENTIMENTS.length);
  return (text, language) => {
    if (language === 'unknown') return null;
    const tokens = tokeniseSentiment(text, language);
    if (tokens.length === 0) return null;
    scoreSentiment(models[language], tokens, scores);
    for (let k = 0; k < scores.length; k += 1) scores[k] = (scores[k] as number) * models[language].factor;
    softmaxInPlace(scores);
    const best = argmax(scores);
    return {
      label: SENTIMENTS[best] ?? 'neutral',
      confidence: scores[best] as number,
      score: (scores[2] as number) - (scores[0] as number),
    };
  };
}

/** The margins of the three sentiments, written into `scores`. */
export function scoreSentiment(
  { model, lexicon }: Omit<LanguageSentiment, 'factor'>,
  tokens: ReturnType<typeof tokeniseSentiment>,
  scores: Float64Array,
): void {
  const features = readSentimentFeatures(tokens, model.bucketCount - LEXICON_COLUMNS, lexicon);
  scoreWeightedBuckets(model, features.buckets, features.values, features.count, scores);
}

const KIND = 'sentiment/1';
const languageHead = z.object({ bucketCount: z.int().positive(), factor: z.number().positive() });
const headSchema = z.object({ en: languageHead, es: languageHead, pt: languageHead });
const LANGUAGES = ['en', 'es', 'pt'] as const;
/** Worths are kept as whole numbers of this size. */
const WORTH_UNIT = 1 / 127;

export function writeSentimentModel(models: SentimentModel): Uint8Array {
  const headOf = ({ model, factor }: LanguageSentiment) => ({ bucketCount: model.bucketCount, factor });
  return writeModelFile({
    kind: KIND,
    head: { en: headOf(models.en), es: headOf(models.es), pt: headOf(models.pt) },
    arrays: Object.fromEntries(
      LANGUAGES.flatMap((language) => {
        const { model, lexicon } = models[language];
        return [
          [`${language}.weights`, model.weights],
          [`${language}.scales`, model.scales],
          [`${language}.bias`, model.bias],
          [`${language}.words`, Uint32Array.from(lexicon.keys())],
          [`${language}.worths`, Int8Array.from(lexicon.values(), (worth) => Math.round(worth / WORTH_UNIT))],
        ];
      }),
    ),
  });
}

/** @throws {ModelFileError} for a file that is damaged, or no sentiment model */
export function readSentimentModel(bytes: Uint8Array): SentimentModel {
  const file = readModelFile(bytes, KIND, headSchema);
  const read = (language: Language): LanguageSentiment => {
    const { bucketCount, factor } = file.head[language];
    const classCount = SENTIMENTS.length;
    return {
      model: {
        bucketCount,
        classCount,
        weights: arrayOf(file, `${language}.weights`, 'i8', bucketCount * classCount),
        scales: arrayOf(file, `${language}.scales`, 'f32', classCount),
        bias: arrayOf(file, `${language}.bias`, 'f32', classCount),
      },
      lexicon: readLexicon(file, language),
      factor,
    };
  };
  return { en: read('en'), es: read('es'), pt: read('pt') };
}

function readLexicon(file: ModelFile<unknown>, language: Language): SentimentLexicon {
  const words = arrayOf(file, `${language}.words`, 'u32');
  const worths = arrayOf(file, `${language}.worths`, 'i8', words.length);
  const lexicon = new Map<number, number>();
  for (let at = 0; at < words.length; at += 1)
    lexicon.set(words[at] as number, (worths[at] as number) * WORTH_UNIT);
  return lexicon;
}
