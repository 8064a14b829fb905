// The readable part of a page, as Markdown: headings, paragraphs, lists, tables. Scripts are text that nobody reads.
import { Parser } from 'htmlparser2';
import { ReadingError, type Reporter } from './reader.ts';

const IGNORED = new Set(
  'script style noscript template svg math iframe object embed canvas audio video select button textarea nav aside dialog'.split(
    ' ',
  ),
);
const BLOCKS = new Set(
  'p div section article main header footer address ul ol dl dd table tbody thead tfoot figure figcaption blockquote form fieldset details body pre hr'.split(
    ' ',
  ),
);
/** Less than this in its main part, and a page says what it says elsewhere. */
const mainLengthMin = 200;

/** Deeper than any page that was written to be read. */
const depthMax = 2000;

interface Block {
  readonly text: string;
  readonly main: boolean;
}

/** Reads a whole page or a piece of one. @throws ReadingError */
export function readHtml(html: string, report: Reporter): void {
  const page = new Page();
  const parser = new Parser(page.handler, { decodeEntities: true });
  // In pieces: one long call would let nobody see how far it came.
  for (let at = 0; at < html.length; at += 65_536) parser.write(html.slice(at, at + 65_536));
  parser.end();
  if (page.title) report.title(page.title);
  const blocks = page.finish();
  const main = blocks.filter((block) => block.main);
  const length = main.reduce((sum, { text }) => sum + text.length, 0);
  for (const { text } of length >= mainLengthMin ? main : blocks) report.part({ text });
}

class Page {
  title = '';
  #depth = 0;
  #ignoring = 0;
  #main = 0;
  #inTitle = false;
  #preformatted = 0;
  #text = '';
  #prefix = '';
  #row: string[] | null = null;
  #columns: string[] = [];
  #headerCells = 0;
  /** The pieces of one list or table, which stay together. */
  #lines: string[] = [];
  readonly #blocks: Block[] = [];

  readonly handler = {
    onopentag: (name: string, attributes: Record<string, string>) => this.#open(name, attributes),
    onclosetag: (name: string) => this.#close(name),
    ontext: (text: string) => this.#add(text),
  };

  finish(): readonly Block[] {
    this.#leaveRow();
    this.#endBlock();
    return this.#blocks;
  }

  #open(name: string, attributes: Record<string, string>): void {
    this.#depth += 1;
    if (this.#depth > depthMax) throw new ReadingError('unreadable');
    if (this.#ignoring > 0 || isHidden(name, attributes)) {
      this.#ignoring += 1;
      return;
    }
    if (name === 'title' && this.title === '') this.#inTitle = true;
    if (isMain(name)) {
      this.#endBlock();
      this.#main += 1;
    }
    if (/^h[1-6]$/.test(name)) {
      this.#endBlock();
      this.#prefix = `${'#'.repeat(Number(name[1]))} `;
    } else if (name === 'summary') {
      this.#endBlock();
      this.#prefix = '###### ';
    } else if (name === 'dt') {
      this.#endBlock();
      this.#prefix = '###### ';
    } else if (name === 'li') this.#startLine('- ');
    else if (name === 'br') this.#text += '\n';
    else if (name === 'tr') {
      this.#leaveRow();
      this.#endLine();
      this.#row = [];
      this.#headerCells = 0;
    } else if (name === 'td' || name === 'th') {
      // What stands between cells is one too; a cell outside of a row is a block.
      if (this.#row === null) this.#endBlock();
      else this.#endCell();
      if (name === 'th') this.#headerCells += 1;
    } else if (name === 'table') {
      // One in a cell ends the row around it: pages are laid out so.
      this.#leaveRow();
      this.#endBlock();
      this.#columns = [];
    } else if (BLOCKS.has(name)) this.#endParagraph(name);
    if (name === 'pre') this.#preformatted += 1;
  }

  #close(name: string): void {
    this.#depth -= 1;
    if (this.#ignoring > 0) {
      this.#ignoring -= 1;
      return;
    }
    if (name === 'title') this.#inTitle = false;
    if (name === 'pre') this.#preformatted = Math.max(0, this.#preformatted - 1);
    if (/^h[1-6]$/.test(name) || name === 'summary' || name === 'dt') this.#endBlock();
    else if (name === 'li') this.#endLine();
    else if (name === 'td' || name === 'th') this.#endCell(true);
    else if (name === 'tr') this.#leaveRow();
    else if (BLOCKS.has(name)) this.#endParagraph(name);
    if (isMain(name)) {
      this.#endBlock();
      this.#main = Math.max(0, this.#main - 1);
    }
  }

  #add(text: string): void {
    if (this.#ignoring > 0) return;
    if (this.#inTitle) this.title = `${this.title}${text}`.replace(/\s+/g, ' ').trimStart().slice(0, 300);
    else this.#text += this.#preformatted > 0 ? text : text.replace(/\s+/g, ' ');
  }

  /** A paragraph within an item or a cell belongs to it. */
  #endParagraph(name: string): void {
    if (this.#row !== null && name !== 'table') this.#text += ' ';
    else if (this.#prefix === '- ' && name !== 'ul' && name !== 'ol') this.#text += ' ';
    else if (name === 'ul' || name === 'ol') this.#endLine();
    else this.#endBlock();
  }

  #startLine(prefix: string): void {
    this.#endLine();
    this.#prefix = prefix;
  }

  #endLine(): void {
    const text = this.#text
      .split('\n')
      .map((line) => (this.#preformatted > 0 ? line.trimEnd() : line.replace(/\s+/g, ' ').trim()))
      .filter((line) => line !== '')
      .join('\n');
    if (text !== '') this.#lines.push(this.#prefix + (this.#prefix ? text.replaceAll('\n', ' ') : text));
    this.#text = '';
    this.#prefix = '';
  }

  /** An empty cell counts only where one really ends: the columns after it keep their names. */
  #endCell(counts = false): void {
    if (this.#row === null) return;
    const text = this.#text.replace(/\s+/g, ' ').trim();
    if (counts || text !== '') this.#row.push(text);
    this.#text = '';
  }

  #leaveRow(): void {
    if (this.#row === null) return;
    this.#endCell();
    this.#endRow();
  }

  /** A row under a header names its columns; a row of two is a name and a value. */
  #endRow(): void {
    const cells = this.#row ?? [];
    this.#row = null;
    if (cells.every((cell) => cell === '')) return;
    if (this.#columns.length === 0 && this.#headerCells > 1 && this.#headerCells === cells.length) {
      this.#columns = cells;
      this.#lines.push(cells.filter((cell) => cell !== '').join('; '));
      return;
    }
    const named = cells.map((cell, at) =>
      this.#columns[at] && cell ? `${this.#columns[at]}: ${cell}` : cell,
    );
    const filled = named.filter((cell) => cell !== '');
    this.#lines.push(filled.join(this.#columns.length === 0 && filled.length === 2 ? ': ' : '; '));
  }

  #endBlock(): void {
    this.#endLine();
    if (this.#lines.length === 0) return;
    this.#blocks.push({ text: this.#lines.join('\n'), main: this.#main > 0 });
    this.#lines = [];
  }
}

function isMain(name: string): boolean {
  return name === 'main' || name === 'article';
}

function isHidden(name: string, attributes: Record<string, string>): boolean {
  return (
    IGNORED.has(name) ||
    'hidden' in attributes ||
    attributes['aria-hidden'] === 'true' ||
    /display\s*:\s*none|visibility\s*:\s*hidden/i.test(attributes.style ?? '')
  );
}
