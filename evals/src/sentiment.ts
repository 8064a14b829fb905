// Measures how well the sentiment of tweets is told.
import { readFileSync } from 'node:fs';
import { SentimentIntensityAnalyzer } from 'vader-sentiment';
import { calibrationError, macroF1, macroRecall } from '../../server/src/learning/metrics.ts';
import {
  readSentimentModel,
  SENTIMENTS,
  sentimentModelFile,
  sentimentReaderOf,
} from '../../server/src/modules/understanding/sentiment.ts';
import { BARE, type EvalInput, processorSeconds, type Row, readRows } from './rows.ts';
import { sentimentRow, unescaped } from './sentiment-examples.ts';

const LINEAR = 'linear, words and characters';

const SETS = [
  { set: 'sentiment_tweeteval', language: 'en', baselines: { 'macro-recall': 61.8 } },
  { set: 'sentiment_xlmt', language: 'en', baselines: { 'macro-F1': 65.1 } },
  { set: 'sentiment_xlmt', language: 'es', baselines: { 'macro-F1': 55.9 } },
  { set: 'sentiment_xlmt', language: 'pt', baselines: { 'macro-F1': 64.2 } },
] as const;

export async function run({ dataDirectory, split }: EvalInput): Promise<Row[]> {
  const file = readFileSync(sentimentModelFile);
  const read = sentimentReaderOf(readSentimentModel(file));
  return SETS.flatMap(({ set, language, baselines }) => {
    const part = set === 'sentiment_xlmt' ? `${language}.${split}` : split;
    const rows = readRows(dataDirectory, set, part, sentimentRow).map(({ text, label }) => ({
      text: unescaped(text),
      label: SENTIMENTS.indexOf(label),
    }));
    for (const { text } of rows) read(text, language);
    const startedAt = processorSeconds();
    const answers = rows.map(({ text }) => read(text, language));
    const microsPerRow = (1e6 * (processorSeconds() - startedAt)) / rows.length;
    const labels = rows.map(({ label }) => label);
    const said = answers.map((answer) => SENTIMENTS.indexOf(answer?.label ?? 'neutral'));
    // It knows English only, and its own thresholds.
    const others =
      language === 'en'
        ? rows.map(({ text }) => {
            const { compound } = SentimentIntensityAnalyzer.polarity_scores(text);
            return compound >= 0.05 ? 2 : compound <= -0.05 ? 0 : 1;
          })
        : null;
    const bare = {
      ...BARE,
      task: 'sentiment',
      set: set === 'sentiment_xlmt' ? `${set}/${language}` : set,
      split,
      bytes: file.length,
      microsPerRow,
      count: rows.length,
    } as const;
    const figures = Object.entries({ 'macro-F1': macroF1, 'macro-recall': macroRecall });
    return [
      ...figures.map(([metric, measure]): Row => {
        const baseline = Object.entries(baselines).find(([name]) => name === metric);
        return {
          ...bare,
          metric,
          unit: '%',
          value: 100 * measure(said, labels, SENTIMENTS.length),
          baseline: baseline ? { value: baseline[1], from: LINEAR } : null,
          peers:
            others === null ? {} : { 'vader-sentiment': 100 * measure(others, labels, SENTIMENTS.length) },
        };
      }),
      {
        ...bare,
        metric: 'calibration',
        unit: 'error',
        value: calibrationError(
          answers.map((answer) => answer?.confidence ?? 0),
          said.map((label, row) => label === labels[row]),
        ),
      },
    ];
  });
}
