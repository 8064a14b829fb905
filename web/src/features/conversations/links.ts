// Finds the addresses in what somebody wrote, so that they can be opened after a look at where they lead. Pure.

export type TextPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly url: URL };

const candidates = /\b(?:https?:\/\/|www\.)[^\s<>"']+/giu;
/** What stands at the end of a sentence and belongs to it. */
const trailing = /[.,;:!?…»”’]+$/u;

/** The text in parts; joined they are the text again. */
export function splitLinks(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let read = 0;
  for (const match of text.matchAll(candidates)) {
    const found = trim(match[0]);
    const url = toUrl(found);
    if (!url) continue;
    if (match.index > read) parts.push({ kind: 'text', text: text.slice(read, match.index) });
    parts.push({ kind: 'link', text: found, url });
    read = match.index + found.length;
  }
  if (read < text.length) parts.push({ kind: 'text', text: text.slice(read) });
  return parts;
}

function trim(found: string): string {
  let link = found.replace(trailing, '');
  // A bracket that was opened before the address closes after it.
  while (link.endsWith(')') && count(link, ')') > count(link, '('))
    link = link.slice(0, -1).replace(trailing, '');
  return link;
}

const count = (text: string, character: string) => text.split(character).length - 1;

/** Only what a browser opens as a page; a name and a password in an address only serve to deceive. */
function toUrl(link: string): URL | null {
  const address = /^https?:/i.test(link) ? link : `https://${link}`;
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  url.username = '';
  url.password = '';
  return url.hostname.includes('.') ? url : null;
}
