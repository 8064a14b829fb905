// Quick replies: a `/` at the beginning of the box offers them, and their variables are filled in. Pure.
import type { QuickReply } from '@parley/contract/inbox';

/** What may stand between `{{` and `}}`. */
export const quickReplyVariables = [
  'contact.name',
  'contact.address',
  'member.name',
  'workspace.name',
] as const;
export type QuickReplyValues = Readonly<Record<(typeof quickReplyVariables)[number], string>>;

/** As the server wants them. */
export const quickReplyBodyMax = 1600;
export const isShortcut = (text: string): boolean => /^[\p{L}\p{N}_-]{1,40}$/u.test(text);

/** What somebody means who types a shortcut as they use it, or as words. */
export const toShortcut = (typed: string): string => typed.replace(/^\s*\/?\s*/, '').replace(/\s+/g, '-');

/** Those whose shortcut begins, or whose words go on, like what stands after the `/`; undefined where none is asked for. */
export function matchQuickReplies(items: readonly QuickReply[], text: string): QuickReply[] | undefined {
  const asked = /^\/([\p{L}\p{N}_-]*)$/u.exec(text)?.[1];
  if (asked === undefined) return undefined;
  const wanted = asked.toLocaleLowerCase();
  const begins = items.filter(({ shortcut }) => shortcut.toLocaleLowerCase().startsWith(wanted));
  const has = items.filter(
    (item) => !begins.includes(item) && item.body.toLocaleLowerCase().includes(wanted),
  );
  return [...begins, ...has];
}

/** What is not known leaves no gap: "Hi {{contact.name}}, …" becomes "Hi, …". */
export function fillQuickReply(body: string, values: QuickReplyValues): string {
  return body.replace(/([ \t]?)\{\{\s*([a-z]+\.[a-z]+)\s*\}\}/g, (whole, space: string, name: string) => {
    if (!isVariable(name)) return whole;
    return values[name] === '' ? '' : space + values[name];
  });
}

/** What looks like a variable and is none: it would be sent as it stands. */
export function unknownVariables(body: string): string[] {
  const written = [...body.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)];
  return [...new Set(written.flatMap(([whole, name = '']) => (isVariable(name) ? [] : [whole])))];
}

const isVariable = (name: string): name is keyof QuickReplyValues =>
  quickReplyVariables.some((known) => known === name);
