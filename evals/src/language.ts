// Measures how often the language of a text is told right, and how often another language is told apart from ours; with what other
// detectors on npm say of the same texts.

import { readFileSync } from 'node:fs';
import { calibrationError } from '../../server/src/learning/metrics.ts';
import {
  languageDetectorOf,
  languageModelFile,
  readLanguageModel,
} from '../../server/src/modules/understanding/language.ts';
import { isKeptForMeasuring, LANGUAGE_SETS, type LabelledText, labelledText } from './language-examples.ts';
import { BARE, type EvalInput, percent, processorSeconds, type Row, readRows } from './rows.ts';

type Answer = LabelledText['lang'];

interface Reached {
  right: number;
  rejected?: number;
}

// Right among en/es/pt, and rejected among the others, of a linear classifier over characters 1 to 4 that learned the same texts.
const BASELINES: Record<string, Reached> = {
  langid_messages: { right: 99.1 },
  langid_tweets: { right: 99.5, rejected: 99.6 },
  'langid_lingua/sentences': { right: 99.7, rejected: 98 },
  'langid_lingua/word-pairs': { right: 87.6 },
  'langid_lingua/single-words': { right: 71.4 },
};

const THREE_LETTERS: Readonly<Record<string, Answer>> = { eng: 'en', spa: 'es', por: 'pt' };

function isOurs(language: string): language is 'en' | 'es' | 'pt' {
  return language === 'en' || language === 'es' || language === 'pt';
}

/** Each with all of its languages. Loaded when they are asked for: they take seconds, and 135 MB. */
async function loadPeers(): Promise<Readonly<Record<string, (text: string) => Answer>>> {
  const [{ eld }, { detect: tinyld }, { franc }] = await Promise.all([
    import('eld/large'),
    import('tinyld'),
    import('franc'),
  ]);
  const ours = (language: string) => (isOurs(language) ? language : 'other');
  return {
    'eld (large)': (text) => ours(eld.detect(text).language),
    tinyld: (text) => ours(tinyld(text)),
    franc: (text) => THREE_LETTERS[franc(text, { minLength: 1 })] ?? 'other',
  };
}

/** Of the public part only what the model did not learn is measured; see `isKeptForMeasuring`. */
export async function run({ dataDirectory, split }: EvalInput): Promise<Row[]> {
  const peers = await loadPeers();
  const file = readFileSync(languageModelFile);
  const detect = languageDetectorOf(readLanguageModel(file));
  const sets = new Map<string, LabelledText[]>();
  for (const set of LANGUAGE_SETS) {
    for (const row of readRows(dataDirectory, set, split, labelledText)) {
      if (split === 'dev' && !isKeptForMeasuring(row.text)) continue;
      const name = row.kind === undefined ? set : `${set}/${row.kind}`;
      sets.set(name, [...(sets.get(name) ?? []), row]);
    }
  }
  const all = [...sets.values()].flat();
  for (const { text } of all) detect(text);
  const startedAt = processorSeconds();
  const detected = new Map(all.map((row) => [row, detect(row.text)]));
  const microsPerRow = (1e6 * (processorSeconds() - startedAt)) / all.length;
  const answerOf = (row: LabelledText): Answer => {
    const language = detected.get(row)?.language ?? 'unknown';
    return language === 'unknown' ? 'other' : language;
  };
  const calibration = (rows: readonly LabelledText[]) =>
    calibrationError(
      rows.map((row) => detected.get(row)?.confidence ?? 0),
      rows.map((row) => answerOf(row) === row.lang),
    );
  const bare = { ...BARE, task: 'language', split, bytes: file.length, microsPerRow } as const;
  const figures: Row[] = [];
  for (const [set, rows] of sets) {
    const ours = rows.filter(({ lang }) => lang !== 'other');
    const others = rows.filter(({ lang }) => lang === 'other');
    const figure = (metric: string, of: readonly LabelledText[], baseline: number | undefined): Row => ({
      ...bare,
      set,
      metric,
      unit: '%',
      value: percent(of.filter((row) => answerOf(row) === row.lang).length, of.length),
      baseline: baseline === undefined ? null : { value: baseline, from: 'linear, characters 1 to 4' },
      peers: Object.fromEntries(
        Object.entries(peers).map(([name, peer]) => [
          name,
          percent(of.filter(({ text, lang }) => peer(text) === lang).length, of.length),
        ]),
      ),
      count: of.length,
    });
    figures.push(figure('right', ours, BASELINES[set]?.right));
    if (others.length > 0) figures.push(figure('rejected', others, BASELINES[set]?.rejected));
    figures.push({
      ...bare,
      set,
      metric: 'calibration',
      unit: 'error',
      value: calibration(rows),
      count: rows.length,
    });
  }
  figures.push({
    ...bare,
    set: 'all',
    metric: 'calibration',
    unit: 'error',
    value: calibration(all),
    count: all.length,
  });
  return figures;
}
