// Models that the operator has set in place of those that ship: larger ones, run outside of this process, whose labels are
// names of intents and sentiments. Whoever knows how they are run fills the port.
import { sentimentLabel } from '@parley/contract/insights';
import { z } from 'zod';
import { definePort } from '../../core/context.ts';
import type { DetectedLanguage, Language } from './language.ts';
import { starterIntents } from './starter-intents/starter-intents.ts';

export interface TextClassifier {
  /** Kept with each insight. */
  readonly version: string;
  /** Its own labels, and what Parley calls them; null: nothing that there is a name for. */
  readonly labels: Readonly<Record<string, string | null>>;
  readonly settings: {
    /** In which it reads; none: in all, also in those that Parley does not know. */
    readonly languages: readonly Language[];
    /** An intent that is less probable is none. */
    readonly threshold: number;
  };
  /** Of its own labels the probabilities, which add up to 1 or less. @throws what kept it from saying; the signal's reason */
  classify(text: string, signal: AbortSignal): Promise<Readonly<Record<string, number>>>;
}

export interface OperatorModels {
  readonly sentiment: TextClassifier | null;
  readonly intent: TextClassifier | null;
  /** How long a message waits for them at most, also while a model is being loaded. */
  readonly waitMsMax: number;
}

export const operatorModels = definePort<OperatorModels>('models of the operator');

/** What a message wants and how it sounds, by whichever model reads it. */
export const saidIntent = z.object({
  /** Null: nothing that there is a name for. */
  name: z.string().nullable(),
  confidence: z.number(),
  model: z.string(),
});
export type SaidIntent = Readonly<z.infer<typeof saidIntent>>;

export const saidSentiment = z.object({
  label: sentimentLabel,
  confidence: z.number(),
  /** From -1, wholly negative, to 1. */
  score: z.number(),
  model: z.string(),
});
export type SaidSentiment = Readonly<z.infer<typeof saidSentiment>>;

/** None of these, in the words that such models use. */
const noIntent: ReadonlySet<string> = new Set([
  'none',
  'other',
  'oos',
  'out_of_scope',
  'fallback',
  'unknown',
]);
const intents: ReadonlySet<string> = new Set(starterIntents);

/** `Order status` and `order-status` are `order_status`. */
const plain = (label: string) =>
  label
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');

function toIntent(label: string | null): string | null | undefined {
  const name = label === null ? 'none' : plain(label);
  if (intents.has(name)) return name;
  return noIntent.has(name) ? null : undefined;
}

const toSentiment = (label: string | null) => sentimentLabel.safeParse(label && plain(label)).data;

/** Why a model cannot be set for what it is set for, as a sentence; null where it can. */
export function wrongIntentLabels({ labels }: TextClassifier): string | null {
  const known = `Intents that come with Parley are ${starterIntents.join(', ')}; "none" is none of them.`;
  return wrongLabels(labels, (label) => toIntent(label) !== undefined, known);
}

export function wrongSentimentLabels({ labels }: TextClassifier): string | null {
  const known = 'Sentiments are negative, neutral and positive.';
  const wrong = wrongLabels(labels, (label) => toSentiment(label) !== undefined, known);
  const said = new Set(Object.values(labels).map(toSentiment));
  return (
    wrong ??
    (said.has('negative') && said.has('positive') ? null : `It tells no negative from positive. ${known}`)
  );
}

function wrongLabels(
  labels: TextClassifier['labels'],
  isKnown: (label: string | null) => boolean,
  known: string,
): string | null {
  if (Object.keys(labels).length < 2)
    return 'Its config.json names no labels (id2label): it is no classifier.';
  const strange = Object.entries(labels).filter(([, label]) => !isKnown(label));
  if (strange.length === 0) return null;
  const names = strange.map(([own]) => own).join(', ');
  return `It says ${names}, which Parley does not know. ${known}`;
}

export const readsLanguage = (
  { settings }: TextClassifier,
  language: DetectedLanguage['language'],
): boolean => settings.languages.length === 0 || settings.languages.some((one) => one === language);

/** @throws what `classify` throws */
export async function askIntent(
  model: TextClassifier,
  text: string,
  signal: AbortSignal,
): Promise<SaidIntent> {
  const sums = sumsOf(await model.classify(text, signal), model.labels, toIntent);
  const [name, probability] = likeliest(sums);
  const isKnown = name !== null && probability >= model.settings.threshold;
  const none = sums.get(null) ?? 0;
  return isKnown
    ? { name, confidence: probability, model: model.version }
    : { name: null, confidence: name === null ? none : 1 - probability, model: model.version };
}

/** @throws what `classify` throws */
export async function askSentiment(
  model: TextClassifier,
  text: string,
  signal: AbortSignal,
): Promise<SaidSentiment> {
  const sums = sumsOf(await model.classify(text, signal), model.labels, toSentiment);
  const [label, confidence] = likeliest(sums);
  const score = (sums.get('positive') ?? 0) - (sums.get('negative') ?? 0);
  return { label, confidence, score, model: model.version };
}

/** Several labels of a model may mean the same: five stars are three sentiments. */
function sumsOf<Name>(
  said: Readonly<Record<string, number>>,
  labels: TextClassifier['labels'],
  meaning: (label: string | null) => Name | undefined,
): Map<Name, number> {
  const sums = new Map<Name, number>();
  for (const [own, probability] of Object.entries(said)) {
    const name = meaning(labels[own] ?? null);
    if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + probability);
  }
  return sums;
}

function likeliest<Name>(sums: ReadonlyMap<Name, number>): [Name, number] {
  const [best] = [...sums].sort(([, one], [, other]) => other - one);
  if (!best || !Number.isFinite(best[1])) throw new Error('the model says nothing');
  return best;
}
