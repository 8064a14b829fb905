// What is understood of one message: its language, what it wants, how it sounds, whether it is spam, which dates it names.
import type { FoundDate, SentimentLabel } from '@parley/contract/insights';
import type { TransactionContext } from '../../core/context.ts';
import { spamProbability } from '../../learning/spam.ts';
import { timeZoneOf } from '../tenancy/tenancy.ts';
import { findDates } from './dates/dates.ts';
import { readLiveModel } from './intent-models/live.ts';
import { sayIntent } from './intent-models/open.ts';
import { type DetectedLanguage, languageModel, loadLanguageDetector } from './language.ts';
import { loadSentimentReader, sentimentModel } from './sentiment.ts';
import { loadSpamModel, spamModel } from './spam.ts';

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
  /**
   * Pure, in well under a millisecond.
   * @param said.at when, in milliseconds since the epoch: "tomorrow" is the day after
   * @param language what is known already, and needs no detecting: of a keyword that is copied from a notice, say
   */
  read(
    said: { readonly text: string; readonly at: number },
    prior: DetectedLanguage,
    language?: DetectedLanguage,
  ): Reading;
}

/** What cannot be loaded, or stumbles over a text, leaves its part of a reading empty: a message is answered all the same. */
export async function loadReader(tx: TransactionContext): Promise<Reader> {
  const tellMissing =
    (part: string) =>
    (error: unknown): null => {
      tx.log.error({ err: error, part }, 'a part of understanding is not there');
      return null;
    };
  const attempt = <Result>(part: string, read: () => Result): Result | null => {
    try {
      return read();
    } catch (error) {
      return tellMissing(part)(error);
    }
  };
  const [detect, readSentiment, spam] = await Promise.all([
    loadLanguageDetector().catch(tellMissing('language')),
    loadSentimentReader().catch(tellMissing('sentiment')),
    loadSpamModel().catch(tellMissing('spam')),
  ]);
  const intents = await readLiveModel(tx);
  const timeZone = await timeZoneOf(tx);
  return {
    read: ({ text, at }, prior, known) => {
      const language = known ?? attempt('language', () => detect?.(text, prior)) ?? prior;
      const sentiment = attempt('sentiment', () => readSentiment?.(text, language.language));
      const probability = attempt('spam', () => spam && spamProbability(spam, text));
      return {
        language: { ...language, model: languageModel },
        intent: attempt(
          'intent',
          () => intents && { ...sayIntent(intents.model, text), model: intents.name },
        ),
        sentiment: sentiment ? { ...sentiment, model: sentimentModel } : null,
        spam: probability === null ? null : { probability, model: spamModel },
        dates: attempt('dates', () => readDates(text, { at, timeZone, language: language.language })) ?? [],
      };
    },
  };
}

/** As long as a text message may be. What is longer, and names nothing but days, would keep others waiting. */
const datedLengthMax = 1_600;
/** Beyond them, ISO 8601 as everybody reads it has no years. */
const isPlainYear = (moment: string | null) => moment === null || /^[0-9]{4}-/.test(moment);

function readDates(
  text: string,
  { at, timeZone, language }: { at: number; timeZone: string; language: DetectedLanguage['language'] },
): FoundDate[] {
  if (language === 'unknown') return [];
  const found = findDates(text.slice(0, datedLengthMax), { languages: [language], now: at, timeZone }).map(
    (date) => ({
      from: date.from,
      to: date.to,
      kind: date.kind,
      start: date.start && new Date(date.start.instant).toISOString(),
      end: date.end && new Date(date.end.instant).toISOString(),
      grain: date.grain,
      rrule: date.rrule,
      duration: date.duration?.iso ?? null,
      confidence: date.confidence,
    }),
  );
  return found.filter(({ start, end }) => isPlainYear(start) && isPlainYear(end));
}
