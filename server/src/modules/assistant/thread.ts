// What a conversation's messages mean to the assistant: what is to be answered, what was said before. Pure.
import { keywordOf } from '../conversations/conversations.ts';
import type { HistoryMessage } from '../inference/inference.ts';

/** A message of the thread, as far as the assistant looks at it. */
export interface ReadableMessage {
  readonly id: string;
  readonly direction: 'inbound' | 'outbound';
  readonly senderKind: 'contact' | 'assistant' | 'member' | 'system';
  readonly status: string;
  readonly body: string;
  readonly createdAt: Date;
}

/** What never reached the contact was not said. */
const unsaid = new Set(['draft', 'canceled', 'failed', 'undelivered']);

/** The thread without opt-out words: they are answered where they arrive, and ask the assistant nothing. */
function withoutKeywords<Message extends ReadableMessage>(thread: readonly Message[]): Message[] {
  let optedOut = false;
  return thread.filter(({ direction, body }) => {
    const proof = direction === 'inbound' ? keywordOf(body, optedOut) : null;
    // A plain yes is such a word only after a STOP.
    if (proof && proof.keyword !== 'help') optedOut = proof.keyword === 'stop';
    return proof === null;
  });
}

/**
 * The contact's messages that nobody answered yet, oldest first.
 * @param read what the assistant's last turn read; null: it had none.
 */
export function unansweredOf<Message extends ReadableMessage>(
  thread: readonly Message[],
  read: ReadonlySet<string> | null,
): Message[] {
  const said = withoutKeywords(thread).filter(({ status }) => !unsaid.has(status));
  // By what was read and not by what was said last: a message may arrive, or be stored, while an answer leaves.
  const closedBy = read
    ? said.findLastIndex(({ senderKind }) => senderKind === 'member')
    : said.findLastIndex(({ senderKind }) => senderKind === 'member' || senderKind === 'assistant');
  return said.slice(closedBy + 1).filter(({ id, direction }) => direction === 'inbound' && !read?.has(id));
}

/** Stands in for an answer that the contact has not got: it was proposed to a member, or left to one. */
const leftToPerson: HistoryMessage = {
  sender: 'assistant',
  text: 'A person of the team takes care of this.',
};

/** What was said, oldest first, with the messages to be answered at its end, told apart from what others answer. */
export function historyOf(
  thread: readonly ReadableMessage[],
  unanswered: readonly ReadableMessage[],
): HistoryMessage[] {
  const open = new Set(unanswered.map(({ id }) => id));
  const before = withoutKeywords(thread).filter(
    ({ id, status, senderKind, body }) =>
      !open.has(id) && !unsaid.has(status) && senderKind !== 'system' && body.trim() !== '',
  );
  const toHistory = ({ senderKind, body }: ReadableMessage): HistoryMessage => ({
    sender: senderKind === 'system' ? 'assistant' : senderKind,
    text: body,
  });
  return [
    ...before.map(toHistory),
    ...(before.at(-1)?.senderKind === 'contact' ? [leftToPerson] : []),
    ...unanswered.map(toHistory),
  ];
}

/** How many automatic replies a thread shows since a moment; null when it does not reach back so far. */
export function repliesSince(
  thread: readonly ReadableMessage[],
  since: Date,
  isWhole: boolean,
): number | null {
  const first = thread[0];
  if (!isWhole && first && first.createdAt > since) return null;
  return thread.filter(
    ({ direction, senderKind, status, createdAt }) =>
      direction === 'outbound' && senderKind === 'assistant' && status !== 'draft' && createdAt > since,
  ).length;
}

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });

/** Cuts a text that is too long at the end of a sentence, or of a word where the first sentence is too long already. */
export function fit(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  let fitting = '';
  for (const { segment } of sentences.segment(text)) {
    if ((fitting + segment).trimEnd().length > lengthMax) break;
    fitting += segment;
  }
  if (fitting.trim() !== '') return fitting.trimEnd();
  const cut = text
    .slice(0, lengthMax)
    .toWellFormed()
    .replace(/\uFFFD$/, '');
  const lastSpace = text.lastIndexOf(' ', lengthMax);
  return (lastSpace > 0 ? cut.slice(0, lastSpace) : cut).trimEnd();
}
