// What is understood of one message: its language, what it wants, how it sounds, whether it is spam, which dates it names.
import type { FoundDate } from '@parley/contract/insights';
import type { TransactionContext } from '../../core/context.ts';
import { spamProbability } from '../../learning/spam.ts';
import { timeZoneOf } from '../tenancy/tenancy.ts';
import { findDates } from './dates/dates.ts';
import { readLiveModel } from './intent-models/live.ts';
import { sayIntent } from './intent-models/open.ts';
import type { SaidByOperatorModels } from './jobs.ts';
import { type DetectedLanguage, languageModel, loadLanguageDetector } from './language.ts';
import { operatorModels, readsLanguage, type SaidIntent, type SaidSentiment } from './operator-models.ts';
import { loadSentimentReader, type Sentiment, sentimentModel } from './sentiment.ts';
import { loadSpamModel, spamModel } from './spam.ts';

export interface Reading {
  readonly language: DetectedLanguage & { readonly model: string };
  readonly intent: SaidIntent | null;
  readonly sentiment: SaidSentiment | null;
  readonly spam: { readonly probability: number; readonly model: string } | null;
  readonly dates: readonly FoundDate[];
}

export interface Reader {
  /**
   * Pure, in well under a millisecond.
   * @param message.at when, in milliseconds since the epoch: "tomorrow" is the day after
   * @param message.said what the operator's models say of it, which goes before what ours say
   * @param language what is known already, and needs no detecting: of a keyword that is copied from a notice, say
   */
  read(
    message: {
      readonly text: string;
      readonly at: number;
      readonly said?: SaidByOperatorModels | undefined;
    },
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
  const set = tx.use(operatorModels);
  return {
    read: ({ text, at, said }, prior, known) => {
      const language = known ?? attempt('language', () => detect?.(text, prior)) ?? prior;
      const intent = set.intent && readsLanguage(set.intent, language.language) && said?.intent;
      const sentiment = set.sentiment && readsLanguage(set.sentiment, language.language) && said?.sentiment;
      const probability = attempt('spam', () => spam && spamProbability(spam, text));
      return {
        language: { ...language, model: languageModel },
        intent:
          intent ||
          attempt('intent', () => intents && { ...sayIntent(intents.model, text), model: intents.name }),
        sentiment:
          sentiment || attempt('sentiment', () => ofReader(readSentiment?.(text, language.language))),
        spam: probability === null ? null : { probability, model: spamModel },
        dates: attempt('dates', () => readDates(text, { at, timeZone, language: language.language })) ?? [],
      };
    },
  };
}

const ofReader = (sentiment: Sentiment | null | undefined): SaidSentiment | null =>
  sentiment ? { ...sentiment, model: sentimentModel } : null;

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
