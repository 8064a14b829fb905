// What people asked in exported chats, with what the other side answered. Names and times are left behind.
import type { DocumentPart } from '../passages.ts';

interface Line {
  readonly who: string;
  readonly text: string;
}

/** Questions of one side with the answers of the other. What was neither is chatter, and nobody's knowledge. */
function pairsOf(lines: readonly Line[]): DocumentPart[] {
  const turns: { who: string; text: string }[] = [];
  for (const { who, text } of lines) {
    const last = turns.at(-1);
    if (text.trim() === '') continue;
    if (last?.who === who) last.text += `\n${text.trim()}`;
    else turns.push({ who, text: text.trim() });
  }
  return turns.flatMap((turn, at) => {
    const reply = turns[at + 1];
    return reply && /[?？]/.test(turn.text) ? [{ question: turn.text, answer: reply.text }] : [];
  });
}

// "[12/03/2024, 10:15:32] Ada: Hello" and "12/03/24, 10:15 - Ada: Hello", also "3/12/24, 10:15 AM - Ada: Hello".
const WHATSAPP =
  /^\u200e?\[?(\d{1,4}[./-]\d{1,2}[./-]\d{1,4},? \d{1,2}:\d{2}(?::\d{2})?(?:[\s\u202f]?[AaPp]\.?\s?[Mm]\.?)?)(?:\] | - )(.*)$/;
const OMITTED =
  /^\u200e?(?:<[^<>]*>|.{1,20} omitted|(?:imagen|audio|video|vídeo|imagem|sticker) omitid[oa].*)$/i;

/** Null when the text is no export of WhatsApp's. */
export function readWhatsApp(text: string): DocumentPart[] | null {
  const lines = text.split(/\r?\n/);
  const first = lines.find((line) => line.trim() !== '') ?? '';
  if (!WHATSAPP.test(first)) return null;
  const said: { who: string; text: string }[] = [];
  for (const line of lines) {
    const entry = WHATSAPP.exec(line)?.[2];
    if (entry === undefined) {
      const last = said.at(-1);
      if (last) last.text += `\n${line}`;
      continue;
    }
    // Without a name it is the app that speaks ("Messages are encrypted").
    const colon = entry.indexOf(': ');
    if (colon < 1 || colon > 80) continue;
    const body = entry.slice(colon + 2);
    if (!OMITTED.test(body)) said.push({ who: entry.slice(0, colon), text: body });
  }
  return said.length < 2 ? null : pairsOf(said);
}

/** Exports of Telegram and ChatGPT; null for any other JSON. */
export function readChatJson(value: unknown): DocumentPart[] | null {
  if (isTelegramChat(value)) return readTelegram(value.messages);
  const chats = field(field(value, 'chats'), 'list');
  if (Array.isArray(chats) && chats.some(isTelegramChat)) {
    return chats.filter(isTelegramChat).flatMap((chat) => readTelegram(chat.messages));
  }
  const conversations = Array.isArray(value) ? value : [value];
  if (conversations.length > 0 && conversations.every((one) => isRecord(field(one, 'mapping')))) {
    return conversations.flatMap((one) => pairsOf(readChatGpt(one)));
  }
  return null;
}

function isTelegramChat(value: unknown): value is { messages: unknown[] } {
  const messages = field(value, 'messages');
  return (
    Array.isArray(messages) &&
    messages.some((one) => field(one, 'type') === 'message' && isRecord(one) && 'from' in one)
  );
}

function readTelegram(messages: readonly unknown[]): DocumentPart[] {
  return pairsOf(
    messages.flatMap((message) =>
      field(message, 'type') === 'message'
        ? [
            {
              who: String(field(message, 'from_id') ?? field(message, 'from')),
              text: richText(field(message, 'text')),
            },
          ]
        : [],
    ),
  );
}

/** Telegram writes text with links and marks as a list of pieces. */
function richText(text: unknown): string {
  if (typeof text === 'string') return text;
  if (!Array.isArray(text)) return '';
  return text
    .map((piece) => (typeof piece === 'string' ? piece : String(field(piece, 'text') ?? '')))
    .join('');
}

/** The branch that was talked last, from its end to its root. */
function readChatGpt(conversation: unknown): Line[] {
  const mapping = field(conversation, 'mapping');
  const leaf = field(conversation, 'current_node') ?? Object.keys(mapping as object).at(-1);
  const lines: Line[] = [];
  const seen = new Set<unknown>();
  for (
    let at: unknown = leaf;
    typeof at === 'string' && !seen.has(at);
    at = field(field(mapping, at), 'parent')
  ) {
    seen.add(at);
    const message = field(field(mapping, at), 'message');
    const who = field(field(message, 'author'), 'role');
    const parts = field(field(message, 'content'), 'parts');
    if ((who !== 'user' && who !== 'assistant') || !Array.isArray(parts)) continue;
    lines.push({ who, text: parts.filter((part) => typeof part === 'string').join('\n') });
  }
  return lines.reverse();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function field(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
