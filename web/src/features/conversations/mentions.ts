// Members who are called in a note by `@` and their name. Pure.

export interface Named {
  readonly userId: string;
  readonly name: string;
}

export interface MentionPart {
  readonly text: string;
  /** Null for words around it. */
  readonly userId: string | null;
}

/** Longer names first, so that "@Ana María" is not read as "@Ana". */
const byLength = (members: readonly Named[]) =>
  members.toSorted((one, other) => other.name.length - one.name.length);

/** The text in parts; joined they are the text again. */
export function splitMentions(text: string, members: readonly Named[]): MentionPart[] {
  const candidates = byLength(members);
  const parts: MentionPart[] = [];
  let plain = '';
  let at = 0;
  while (at < text.length) {
    // Not in the middle of a word: that is an e-mail address.
    const isBegun = text[at] === '@' && !/[\p{L}\p{N}]/u.test(text[at - 1] ?? '');
    const found = isBegun ? candidates.find(({ name }) => standsAt(text, name, at + 1)) : undefined;
    if (found) {
      if (plain !== '') parts.push({ text: plain, userId: null });
      plain = '';
      parts.push({ text: text.slice(at, at + 1 + found.name.length), userId: found.userId });
      at += 1 + found.name.length;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  if (plain !== '') parts.push({ text: plain, userId: null });
  return parts;
}

/** As a whole: "@Anabel" does not call Ana. */
function standsAt(text: string, name: string, at: number): boolean {
  if (name === '') return false;
  const after = text[at + name.length];
  return (
    text.slice(at, at + name.length).toLocaleLowerCase() === name.toLocaleLowerCase() &&
    (after === undefined || !/[\p{L}\p{N}]/u.test(after))
  );
}

/** Whom a text calls, each once. */
export function mentionedIn(text: string, members: readonly Named[]): string[] {
  const called = splitMentions(text, members).flatMap(({ userId }) => (userId === null ? [] : [userId]));
  return [...new Set(called)];
}

/** What is being typed after an `@` just before the caret; null where no mention is begun. */
export function openMention(
  text: string,
  caret: number,
): { readonly start: number; readonly words: string } | null {
  const before = text.slice(0, caret);
  const match = /(?:^|[\s(])@([\p{L}\p{N}][\p{L}\p{N} .'-]{0,40}|)$/u.exec(before);
  if (!match) return null;
  const words = match[1] ?? '';
  return { start: caret - words.length - 1, words };
}

/** The members whose names have a word that begins like what is typed. */
export function suggestMembers<Member extends Named>(members: readonly Member[], words: string): Member[] {
  const wanted = words.trim().toLocaleLowerCase();
  return members.filter(({ name }) => {
    const lower = name.toLocaleLowerCase();
    return lower.startsWith(wanted) || lower.split(/\s+/).some((word) => word.startsWith(wanted));
  });
}
