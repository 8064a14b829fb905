// The retrieval sets as knowledge with questions, and for each the questions of others that its knowledge does not answer.
import { z } from 'zod';
import type { RankablePassage } from '../../server/src/modules/knowledge/ranking.ts';
import { readRows } from './rows.ts';

export interface EvalPassage extends RankablePassage {
  readonly id: number;
}

export interface EvalQuestion {
  readonly q: string;
  /** The passage that answers. */
  readonly pid: number;
}

export const RETRIEVAL_SETS = {
  retrieval_xquad_en: { language: 'en' },
  retrieval_xquad_es: { language: 'es' },
  retrieval_faquad_pt: { language: 'pt' },
  retrieval_stackfaq_en: { language: 'en' },
} as const;
export type RetrievalSet = keyof typeof RETRIEVAL_SETS;
export const retrievalSets = Object.keys(RETRIEVAL_SETS) as RetrievalSet[];

const paragraph = z.object({ id: z.number(), text: z.string() });
const faqEntry = z.object({ id: z.number(), question: z.string(), answers: z.array(z.string()) });
const asked = z.object({ q: z.string(), pid: z.number() });
const said = z.object({ text: z.string() });

export function readPassages(dataDirectory: string, set: RetrievalSet): EvalPassage[] {
  if (set !== 'retrieval_stackfaq_en') {
    return readRows(dataDirectory, set, 'passages', paragraph).map(({ id, text }) => ({
      id,
      heading: null,
      text,
    }));
  }
  return readRows(dataDirectory, set, 'faq', faqEntry).map(({ id, question, answers }) => ({
    id,
    heading: question,
    text: answers.join('\n'),
  }));
}

export function readQuestions(dataDirectory: string, set: RetrievalSet, split: string): EvalQuestion[] {
  return readRows(dataDirectory, set, split, asked);
}

/** Sets of the same language family about other things: what shops and assistants are asked beside what readers ask. */
const STRANGERS: Readonly<
  Record<RetrievalSet, { questions: RetrievalSet; requests: string; file?: string }>
> = {
  retrieval_xquad_en: { questions: 'retrieval_stackfaq_en', requests: 'intent_banking77' },
  retrieval_xquad_es: { questions: 'retrieval_faquad_pt', requests: 'intent_mtod_es' },
  retrieval_faquad_pt: { questions: 'retrieval_xquad_es', requests: 'intent_homeassistant', file: 'pt.' },
  retrieval_stackfaq_en: { questions: 'retrieval_xquad_en', requests: 'intent_clinc150' },
};
const STRANGERS_MAX = 500;

/** What the knowledge of a set has no answer to, each kind of stranger spread evenly over its file. */
export function readUnanswerable(
  dataDirectory: string,
  set: RetrievalSet,
  split: string,
): { readonly questions: string[]; readonly requests: string[] } {
  const { questions, requests, file } = STRANGERS[set];
  // There is no other part of the Portuguese requests.
  const requestsFile = file === undefined ? split : `${file}train`;
  return {
    questions: spread(readQuestions(dataDirectory, questions, split).map(({ q }) => q)),
    requests: spread(readRows(dataDirectory, requests, requestsFile, said).map(({ text }) => text)),
  };
}

function spread(texts: readonly string[]): string[] {
  const step = Math.max(1, Math.ceil(texts.length / STRANGERS_MAX));
  return texts.filter((_, at) => at % step === 0);
}
