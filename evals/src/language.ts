// Measures how often the language of a text is told right, and how often another language is told apart from ours.
import { z } from 'zod';
import { loadLanguageDetector } from '../../server/src/modules/understanding/language.ts';
import { BARE, type EvalInput, percent, type Row, readRows } from './rows.ts';

const labelled = z.object({
  text: z.string(),
  lang: z.enum(['en', 'es', 'pt', 'other']),
  kind: z.enum(['single-words', 'word-pairs', 'sentences']).optional(),
});

// Right among en/es/pt, and rejected among the others, of eld-large with all its languages: a baseline that may say "other".
const BASELINES: Record<string, { right: number; rejected?: number }> = {
  langid_messages: { right: 97.7 },
  langid_tweets: { right: 99.6, rejected: 99.7 },
  'langid_lingua/sentences': { right: 99.7, rejected: 94.8 },
  'langid_lingua/word-pairs': { right: 83.1 },
  'langid_lingua/single-words': { right: 60.9 },
};

export async function run({ dataDirectory, split }: EvalInput): Promise<Row[]> {
  const detect = await loadLanguageDetector();
  const tallies = new Map<
    string,
    { ours: number; right: number; wrong: number; other: number; rejected: number }
  >();
  let texts = 0;
  let elapsedMs = 0;
  for (const set of ['langid_messages', 'langid_tweets', 'langid_lingua']) {
    const rows = readRows(dataDirectory, set, split, labelled);
    const startedAt = performance.now();
    const answers = rows.map((row) => detect(row.text).language);
    elapsedMs += performance.now() - startedAt;
    texts += rows.length;
    rows.forEach((row, index) => {
      const name = row.kind === undefined ? set : `${set}/${row.kind}`;
      const tally = tallies.get(name) ?? { ours: 0, right: 0, wrong: 0, other: 0, rejected: 0 };
      tallies.set(name, tally);
      const answer = answers[index];
      if (row.lang === 'other') {
        tally.other += 1;
        if (answer === 'unknown') tally.rejected += 1;
      } else {
        tally.ours += 1;
        if (answer === row.lang) tally.right += 1;
        else if (answer !== 'unknown') tally.wrong += 1;
      }
    });
  }
  const microsPerRow = (1000 * elapsedMs) / texts;
  return [...tallies].flatMap(([set, tally]) => {
    const row = { ...BARE, task: 'language', set, split, unit: '%', microsPerRow } as const;
    const against = (value: number | undefined) =>
      value === undefined ? null : { value, from: 'eld-large, all languages' };
    const known = BASELINES[set];
    const figures: Row[] = [
      {
        ...row,
        metric: 'right',
        value: percent(tally.right, tally.ours),
        baseline: against(known?.right),
        count: tally.ours,
      },
      { ...row, metric: 'wrong', value: percent(tally.wrong, tally.ours), count: tally.ours },
    ];
    if (tally.other === 0) return figures;
    const rejected = percent(tally.rejected, tally.other);
    return [
      ...figures,
      { ...row, metric: 'rejected', value: rejected, baseline: against(known?.rejected), count: tally.other },
    ];
  });
}
