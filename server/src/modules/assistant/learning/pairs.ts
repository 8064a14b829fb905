// Finds, in what was said in a conversation, a contact's question and the answer that a member wrote to it. Pure.
import { askedParts, isSmallTalk } from '../../inference/inference.ts';
import { contentWordsOf, fold } from '../../knowledge/knowledge.ts';
import { isPromise, type Pair } from './personal.ts';

export interface SaidMessage {
  readonly id: string;
  /** `other`: the assistant, or a program with a key. */
  readonly by: 'contact' | 'member' | 'other';
  readonly senderId: string | null;
  readonly text: string;
  /** A picture says what its text does not. */
  readonly hasMedia: boolean;
  readonly at: Date;
}

export interface FoundPair extends Pair {
  readonly questionMessageId: string;
  readonly answerMessageId: string;
  readonly answeredBy: string;
  readonly answeredAt: Date;
}

/** Whoever answers later answers something else, too often. */
export const answerMsMax = 3 * 86_400_000;
/** What a member adds within this time belongs to the answer. */
const additionMsMax = 600_000;
const additionsMax = 4;
const questionLength = { min: 8, max: 300 };
const answerLength = { min: 12, max: 1000 };
const answerWordsMin = 2;
/** "One moment, please" beside the answer. */
const stallingLengthMax = 80;

/** The pairs of a thread, oldest first. @param thread oldest first, without what was never said */
export function pairsIn(thread: readonly SaidMessage[]): FoundPair[] {
  const found: FoundPair[] = [];
  let burst: SaidMessage[] = [];
  let isOpen = false;
  for (let at = 0; at < thread.length; at += 1) {
    const message = thread[at];
    if (!message) break;
    if (message.by !== 'member') {
      // A "thank you" after "a person will reply" is not what that person answers.
      if (message.by === 'contact' && !saysNothing(message)) {
        burst = isOpen ? [...burst, message] : [message];
        isOpen = true;
      } else if (message.by === 'other') isOpen = false;
      continue;
    }
    isOpen = false;
    const run = takeRun(thread, at);
    at += run.length - 1;
    const answer = run.filter((each) => !saysNothing(each) && !isStalling(each));
    if (answer.length === 0) continue;
    const pair = toPair(burst, answer);
    if (pair) found.push(pair);
    burst = [];
  }
  return found;
}

function takeRun(thread: readonly SaidMessage[], from: number): SaidMessage[] {
  const run: SaidMessage[] = [];
  for (const message of thread.slice(from, from + additionsMax)) {
    const before = run.at(-1);
    if (message.by !== 'member') break;
    if (before && message.at.getTime() - before.at.getTime() > additionMsMax) break;
    run.push(message);
  }
  return run;
}

const saysNothing = ({ text, hasMedia }: SaidMessage) =>
  !hasMedia && (text.trim() === '' || isSmallTalk([{ sender: 'contact', text }]));

const isStalling = ({ text }: SaidMessage) => text.length <= stallingLengthMax && isPromise(text);

function toPair(burst: readonly SaidMessage[], said: readonly SaidMessage[]): FoundPair | null {
  const [first] = said;
  const last = burst.at(-1);
  if (!first?.senderId || !last || [...burst, ...said].some(({ hasMedia }) => hasMedia)) return null;
  if (first.at.getTime() - last.at.getTime() > answerMsMax) return null;
  const question = questionOf(burst);
  const answer = answerOf(said);
  if (question === null || answer === null) return null;
  return {
    question,
    answer,
    questionMessageId: last.id,
    answerMessageId: first.id,
    answeredBy: first.senderId,
    answeredAt: first.at,
  };
}

/** The one question of a burst; null where there is none, or where an answer would be one to several. */
function questionOf(burst: readonly SaidMessage[]): string | null {
  const parts = askedParts(burst.map(({ text }) => ({ sender: 'contact' as const, text })));
  const marked = parts.filter(({ asks }) => asks);
  const [asked, ...others] = marked.length > 0 ? marked : parts.filter(({ text }) => asksInWords(text));
  if (!asked || others.length > 0) return null;
  const whole = tidy(asked.text);
  const sentence = tidy(whole.split(/(?<=[.!;:])\s+|\n/).at(-1) ?? whole);
  const question = contentWordsOf(sentence).length > 1 ? sentence : whole;
  return fits(question, questionLength) && contentWordsOf(question).length > 0 ? question : null;
}

function answerOf(said: readonly SaidMessage[]): string | null {
  const sentences = tidy(said.map(({ text }) => text).join('\n')).split(/(?<=[.!?])(?=\s)/);
  // What is asked in return is no answer.
  while (sentences.at(-1)?.trimEnd().endsWith('?')) sentences.pop();
  const answer = sentences.join('').trim();
  return fits(answer, answerLength) && contentWordsOf(answer).length >= answerWordsMin ? answer : null;
}

const fits = ({ length }: string, { min, max }: { min: number; max: number }) =>
  length >= min && length <= max;

const asksInWords = (text: string) => askingWords.test(fold(tidy(text)));

const askingWords =
  /^¿?(?:what|when|where|which|who|how|why|do|does|did|is|are|can|could|will|would|may|any|que|cual|cuales|cuando|donde|como|cuant[oa]s?|quien|hay|tienen?|puedo|pueden|se puede|hacen|aceptan|abren|cierran|qual|quais|quando|onde|quant[oa]s?|quem|ha|tem|posso|podem|da para|fazem|aceitam|abrem|fecham|voces|vcs|ustedes)\b/;

const greeting =
  /^(?:(?:[Hh]i|[Hh]ello|[Hh]ey|[Gg]ood (?:morning|afternoon|evening)|[Hh]ola|[Bb]uen[oa]s?(?: (?:d[ií]as|tardes|noches))?|[Oo]l[áa]|[Oo]i|[Bb]om dia|[Bb]oa (?:tarde|noite))(?: there| again| all)?(?:,? \p{Lu}[\p{L}'’-]*){0,2}\s*[,!.:\n–-]+\s*)+/u;

/** Without the greeting and the name in it; it begins with a capital again. */
function tidy(text: string): string {
  const rest = text.trim().replace(greeting, '').trim();
  return rest.replace(/^¿?\p{Ll}/u, (letter) => letter.toUpperCase());
}
