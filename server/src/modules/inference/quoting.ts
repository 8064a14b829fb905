// What comes from outside stands in quoted lines: no text can leave its quotes, so a reader can tell data from instruction.

export const LINE_BREAKS = /\r\n?|[\n\v\f\u0085\u2028\u2029]/g;

/** Every line behind a mark. Brackets become round: a model may repeat what it read, and square ones mean something to us. */
export function quote(mark: '>' | '#', text: string): string {
  const rounded = text.toWellFormed().replaceAll('[', '(').replaceAll(']', ')');
  const lines = rounded.replace(LINE_BREAKS, '\n').split('\n');
  return lines.map((line) => `${mark} ${line}`).join('\n');
}

/** A file that a member showed, as it stands behind their words: its name and its text, quoted. */
export function quoteFile(name: string, text: string): string {
  return [FILE_START, quote('#', name.replace(LINE_BREAKS, ' ')), quote('>', text), FILE_END].join('\n');
}

const FILE_START = '<file>';
const FILE_END = '</file>';

export interface QuotedFile {
  readonly name: string;
  readonly text: string;
}

/** Takes the quoted files off what a member said. */
export function splitFiles(content: string): { readonly words: string; readonly files: QuotedFile[] } {
  const words: string[] = [];
  const files: QuotedFile[] = [];
  let block: string[] | null = null;
  for (const line of content.split('\n')) {
    if (block === null && line === FILE_START) block = [];
    else if (block === null) words.push(line);
    else if (line === FILE_END) {
      const unquoted = (mark: string) =>
        (block ?? []).filter((each) => each.startsWith(`${mark} `)).map((each) => each.slice(2));
      files.push({ name: unquoted('#').join(' '), text: unquoted('>').join('\n') });
      block = null;
    } else block.push(line);
  }
  if (files.length === 0 || block !== null) return { words: content, files: [] };
  return { words: words.join('\n').trim(), files };
}
