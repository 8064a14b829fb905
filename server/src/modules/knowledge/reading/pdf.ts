// PDF, by Mozilla's PDF.js in the build of unpdf: page by page, lines put together from pieces, headings told by their size.
import { getDocumentProxy } from 'unpdf';
import { ReadingError, type Reporter } from './reader.ts';

interface Piece {
  readonly str: string;
  readonly hasEOL: boolean;
  readonly height: number;
  readonly width: number;
  readonly transform: readonly number[];
}

interface Line {
  text: string;
  height: number;
  readonly x: number;
  readonly y: number;
}

const headingLengthMax = 120;
/** So much larger than most of the text, and a short line is a heading. */
const headingScale = 1.15;

// PDF.js asks for it, and Node 24 has none yet (TC39 proposal-math-sum).
const math = Math as { sumPrecise?: (values: Iterable<number>) => number };
math.sumPrecise ??= (values) => Array.from(values).reduce((sum, value) => sum + value, 0);

/** @throws ReadingError */
export async function readPdf(bytes: Buffer, report: Reporter): Promise<void> {
  const document = await getDocumentProxy(new Uint8Array(bytes), {
    disableFontFace: true,
    useSystemFonts: false,
    verbosity: 0,
  }).catch((cause: unknown) => {
    const locked = (cause as { name?: string }).name === 'PasswordException';
    throw new ReadingError(locked ? 'locked' : 'unreadable', { cause });
  });
  const title = await document.getMetadata().then(
    ({ info }) => (info as { Title?: unknown }).Title,
    () => undefined,
  );
  if (typeof title === 'string' && title.trim() !== '') report.title(title.trim());
  for (let number = 1; number <= document.numPages; number += 1) {
    report.page(number, document.numPages);
    try {
      const page = await document.getPage(number);
      const { items } = await page.getTextContent();
      const text = write(linesOf(items.filter((item) => 'str' in item) as Piece[]));
      if (text !== '') report.part({ page: number, text });
      page.cleanup();
    } catch {
      report.pageFailed(number);
    }
  }
}

function linesOf(pieces: readonly Piece[]): Line[] {
  const lines: Line[] = [];
  let open: Line | null = null;
  let right = 0;
  for (const { str, hasEOL, height, width, transform } of pieces) {
    const [, , , , x = 0, y = 0] = transform;
    if (open && str.trim() !== '' && Math.abs(open.y - y) > Math.max(open.height, height) * 0.6) open = null;
    if (open === null) {
      if (str.trim() === '') continue;
      open = { text: '', height, x, y };
      lines.push(open);
    } else if (x - right > height * 0.2 && !/\s$/.test(open.text) && !/^\s/.test(str)) open.text += ' ';
    open.text += str;
    open.height = Math.max(open.height, height);
    right = x + width;
    if (hasEOL) open = null;
  }
  return lines
    .map((line) => ({ ...line, text: line.text.replace(/\s+/g, ' ').trim() }))
    .filter(({ text }) => text !== '');
}

/** As Markdown: larger lines are headings, wider gaps begin a paragraph, words that a line's end parted are one again. */
function write(lines: readonly Line[]): string {
  const body = usualHeight(lines);
  const sizes = [
    ...new Set(lines.filter((line) => isHeading(line, body)).map(({ height }) => Math.round(height))),
  ].sort((a, b) => b - a);
  return lines.reduce((text, line, at) => {
    const before = lines[at - 1];
    if (isHeading(line, body)) {
      const level = Math.min(6, sizes.indexOf(Math.round(line.height)) + 1);
      return `${text}\n\n${'#'.repeat(level)} ${line.text}\n\n`;
    }
    if (!before) return line.text;
    const gap = before.y - line.y;
    if (isHeading(before, body) || gap < 0 || gap > Math.max(before.height, line.height) * 1.8) {
      return `${text}\n\n${line.text}`;
    }
    if (/\p{Ll}-$/u.test(text) && /^\p{Ll}/u.test(line.text)) return text.slice(0, -1) + line.text;
    return `${text}\n${line.text}`;
  }, '');
}

function isHeading({ text, height }: Line, body: number): boolean {
  return height > body * headingScale && text.length <= headingLengthMax && /\p{L}/u.test(text);
}

/** The height that most characters have. */
function usualHeight(lines: readonly Line[]): number {
  const weights = new Map<number, number>();
  for (const { text, height } of lines) {
    const rounded = Math.round(height * 2) / 2;
    weights.set(rounded, (weights.get(rounded) ?? 0) + text.length);
  }
  return [...weights].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}
