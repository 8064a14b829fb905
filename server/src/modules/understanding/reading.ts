// What is understood of one message: its language, what it wants, how it sounds, whether it is spam, which dates it names.
import type { FoundDate, SentimentLabel } from '@parley/contract/insights';
import { type DetectedLanguage, languageModel, loadLanguageDetector } from './language.ts';
import { loadSentimentReader, sentimentModel } from './sentiment.ts';

export interface Reading {
  readonly language: DetectedLanguage & { readonly model: string };
  /** A name of null: nothing that there is a name for. */
  readonly intent: {
    readonly name: string | null;
    readonly confidence: number;
    readonly model: string;
  } | null;
  /** `score`: from -1, wholly negative, to 1. */
  readonly sentiment: {
    readonly label: SentimentLabel;
    readonly confidence: number;
    readonly score: number;
    readonly model: string;
  } | null;
  readonly spam: { readonly probability: number; readonly model: string } | null;
  readonly dates: readonly FoundDate[];
}

export interface Reader {
  /** @param language what is known already, and needs no detecting: of a keyword that is copied from a notice, say */
  read(text: string, prior: DetectedLanguage, language?: DetectedLanguage): Reading;
}

/** Loads what it reads with at its first call. */
export async function loadReader(): Promise<Reader> {
  const [detect, readSentiment] = await Promise.all([loadLanguageDetector(), loadSentimentReader()]);
  return {
    read: (text, prior, language = detect(text, prior)) => {
      const sentiment = readSentiment(text, language.language);
      return {
        language: { ...language, model: languageModel },
        intent: null,
        sentiment: sentiment && { ...sentiment, model: sentimentModel },
        spam: null,
        dates: [],
      };
    },
  };
}
