// Says in which of Parley's three languages a message is written, or that it cannot tell, by a small model that ships with it; see
// docs/decisions/2026-11-30-language-model.md.
import { z } from 'zod';
import { type BucketModel, scoreBuckets } from '../../learning/bucket-model.ts';
import { arrayOf, readModelFile, writeModelFile } from '../../learning/model-file.ts';
import { readLanguageFeatures } from './language-features.ts';
import { shippedModel } from './shipped-model.ts';

export type Language = 'en' | 'es' | 'pt';

export interface DetectedLanguage {
  readonly language: Language | 'unknown';
  /** The probability that `language` is right, 0 to 1; 0 where nothing could be read and no prior was given. */
  readonly confidence: number;
}

export type LanguageDetector = (text: string, prior?: DetectedLanguage) => DetectedLanguage;

/** Kept with each insight, so that what an older detector said can be told apart. */
export const languageModel = 'parley-language@1';

export const languageModelFile = new URL('models/language.bin', import.meta.url);

/** What a language model tells apart: the scores of our languages are against any other one, whose score is 0. */
export const LANGUAGES = ['en', 'es', 'pt'] as const satisfies readonly Language[];

/**
 * Detects the language of one message. `prior` is what the conversation was in so far: it settles texts that say little
 * ("ok", "si", an emoji) and yields to a text that says enough. Loads the detector at its first call.
 */
export async function detectLanguage(text: string, prior?: DetectedLanguage): Promise<DetectedLanguage> {
  const detect = await loadLanguageDetector();
  return detect(text, prior);
}

/** The same as a plain function, for many texts at once. Its half a megabyte is read at the first call. */
export const loadLanguageDetector: () => Promise<LanguageDetector> = shippedModel(
  languageModelFile,
  (bytes) => languageDetectorOf(readLanguageModel(bytes)),
);

export function languageDetectorOf(model: BucketModel): LanguageDetector {
  const scores = new Float64Array(model.classCount);
  return (text, prior = UNKNOWN) => {
    const { buckets, count } = readLanguageFeatures(text, model.bucketCount);
    if (count === 0) return prior;
    // The longer a text, the more it says, but a run of characters says less where there are many that overlap.
    scoreBuckets(model, buckets, count, 1 / Math.sqrt(count), scores);
    return decide(scores, prior);
  };
}

const KIND = 'language/1';
const headSchema = z.object({
  bucketCount: z.int().positive(),
  languages: z.tuple([z.literal('en'), z.literal('es'), z.literal('pt')]),
});

export function writeLanguageModel({ bucketCount, weights, scales, bias }: BucketModel): Uint8Array {
  return writeModelFile({
    kind: KIND,
    head: { bucketCount, languages: LANGUAGES },
    arrays: { weights, scales, bias },
  });
}

/** @throws {ModelFileError} for a file that is damaged, or no language model */
export function readLanguageModel(bytes: Uint8Array): BucketModel {
  const file = readModelFile(bytes, KIND, headSchema);
  const { bucketCount } = file.head;
  const classCount = LANGUAGES.length;
  return {
    bucketCount,
    classCount,
    weights: arrayOf(file, 'weights', 'i8', bucketCount * classCount),
    scales: arrayOf(file, 'scales', 'f32', classCount),
    bias: arrayOf(file, 'bias', 'f32', classCount),
  };
}

const UNKNOWN: DetectedLanguage = { language: 'unknown', confidence: 0 };
const OUTCOMES = [...LANGUAGES, 'unknown'] as const;

// What a prior can add at most: a sentence in another language outweighs it, "gracias" alone does too, "no" does not.
const PRIOR_SHARE_MAX = 0.9;

/** `scores` are log-likelihoods against another language than ours. */
function decide(scores: Float64Array, prior: DetectedLanguage): DetectedLanguage {
  const share = Math.min(PRIOR_SHARE_MAX, Math.max(1 / OUTCOMES.length, prior.confidence));
  const others = (1 - share) / (OUTCOMES.length - 1);
  const logs = OUTCOMES.map((outcome, at) => {
    const score = scores[at] ?? 0;
    return prior.language === 'unknown'
      ? score
      : score + Math.log(outcome === prior.language ? share : others);
  });
  const highest = Math.max(...logs);
  const confidence = 1 / logs.reduce((sum, log) => sum + Math.exp(log - highest), 0);
  return { language: OUTCOMES[logs.indexOf(highest)] ?? 'unknown', confidence };
}
