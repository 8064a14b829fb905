// Cuts what was read or pasted into the passages that the assistant answers from.
import { createHash } from 'node:crypto';
import { type Block, blocksOf } from './blocks.ts';

/** A piece of a document as its reader gives it, in order: Markdown, or a question with its answer. */
export type DocumentPart =
  | { readonly page?: number; readonly text: string }
  | { readonly page?: number; readonly question: string; readonly answer: string };

export interface Passage<Language extends string = string> {
  /** A hash of heading and text: the same text pasted again gives the same passage. */
  readonly id: string;
  /** The heading above it, with the one above that ("Delivery › Cost"); of a Q/A pair also the question. */
  readonly heading: string | null;
  /** At most `PASSAGE_LENGTH_MAX` UTF-16 code units; of a Q/A pair the answer. */
  readonly text: string;
  readonly language: Language;
  /** Where it begins, in documents that have pages; counted from 1. */
  readonly page: number | null;
}

export const PASSAGE_LENGTH_MAX = 600;
const HEADING_LENGTH_MAX = 200;

/**
 * Cuts a document into passages, in its order, without losing a word of it (markup aside) and without any passage twice.
 * A Q/A pair, a list with the line before it and the lines under a heading stay together as long as they fit.
 */
export function cutIntoPassages<Language extends string>(
  source: string | readonly DocumentPart[],
  languageOf: (text: string) => Language,
): Passage<Language>[] {
  const parts = typeof source === 'string' ? [{ text: source }] : source;
  const passages = new Map<string, Passage<Language>>();
  for (const { heading, text, page } of sectionsOf(parts)) {
    const tooLong = heading !== null && heading.length > HEADING_LENGTH_MAX;
    const shortHeading = heading?.slice(0, HEADING_LENGTH_MAX).toWellFormed() ?? null;
    for (const piece of splitToFit(tooLong ? `${heading}\n${text}` : text)) {
      const id = createHash('sha256')
        .update(JSON.stringify([shortHeading, piece]))
        .digest('hex')
        .slice(0, 16);
      if (passages.has(id)) continue;
      const language = languageOf(`${shortHeading ?? ''}\n${piece}`);
      passages.set(id, { id, heading: shortHeading, text: piece, language, page });
    }
  }
  return [...passages.values()];
}

interface Section {
  readonly heading: string | null;
  readonly text: string;
  readonly page: number | null;
}

function* placedBlocks(parts: readonly DocumentPart[]): Generator<{ block: Block; page: number | null }> {
  for (const part of parts) {
    const page = part.page ?? null;
    if ('text' in part) for (const block of blocksOf(part.text)) yield { block, page };
    else yield { block: { kind: 'pair', question: part.question, answer: part.answer }, page };
  }
}

function sectionsOf(parts: readonly DocumentPart[]): Section[] {
  const sections: Section[] = [];
  let open: OpenHeading[] = [];
  /** Those that stand in a section's heading have been said. */
  const under = (headings: readonly OpenHeading[]): string | null => {
    const path = headings.slice(-2);
    for (const heading of path) heading.used = true;
    return path.length === 0 ? null : path.map(({ text }) => text).join(' › ');
  };
  const closeFrom = (level: number) => {
    for (let last = open.at(-1); last !== undefined && last.level >= level; last = open.at(-1)) {
      open.pop();
      // A heading with nothing under it says something itself, or a word would be lost.
      if (!last.used) sections.push({ heading: under(open), text: last.text, page: last.page });
    }
  };
  for (const { block, page } of placedBlocks(parts)) {
    if (block.kind === 'heading') {
      closeFrom(block.level);
      const { level, text, nextBlockOnly } = block;
      open.push({ level, text, nextBlockOnly, page, used: false, hasText: false });
      continue;
    }
    if (block.kind === 'pair') {
      // After text of its own a section is over for pairs: "Address" says nothing about the questions at the end of a page.
      const section = open.at(-1);
      const above = section === undefined || section.hasText ? null : under([section]);
      const heading = above === null ? block.question : `${above} › ${block.question}`;
      sections.push({ heading, text: block.answer, page });
    } else if (block.kind === 'facts') {
      for (const text of block.lines) sections.push({ heading: under(open), text, page });
    } else {
      sections.push({ heading: under(open), text: block.text, page });
    }
    for (const above of open) above.hasText ||= block.kind !== 'pair';
    open = open.filter((above) => !above.nextBlockOnly);
  }
  closeFrom(0);
  return sections;
}

interface OpenHeading {
  readonly level: number;
  readonly text: string;
  readonly nextBlockOnly: boolean;
  readonly page: number | null;
  used: boolean;
  hasText: boolean;
}

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });

/** Cuts at lines, then at sentences, then at words, then at characters, each only where the one before is not enough. */
function splitToFit(text: string): string[] {
  if (text.length <= PASSAGE_LENGTH_MAX) return text === '' ? [] : [text];
  const cuts: ((piece: string) => string[])[] = [
    (piece) => piece.match(/[^\n]*\n?/g) ?? [],
    (piece) => [...sentences.segment(piece)].map(({ segment }) => segment),
    (piece) => piece.match(/\S*\s*/g) ?? [],
    (piece) => [...piece],
  ];
  const cut = (piece: string, depth: number): string[] => {
    const finer = cuts[depth];
    return piece.length <= PASSAGE_LENGTH_MAX || finer === undefined
      ? [piece]
      : finer(piece).flatMap((part) => cut(part, depth + 1));
  };
  const packed: string[] = [];
  for (const part of cut(text, 0)) {
    const last = packed.at(-1);
    if (last !== undefined && last.length + part.length <= PASSAGE_LENGTH_MAX)
      packed[packed.length - 1] = last + part;
    else packed.push(part);
  }
  return packed.map((piece) => piece.trim()).filter((piece) => piece !== '');
}
