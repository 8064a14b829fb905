// Reads Markdown, or text that somebody typed, into blocks: headings, questions with answers, facts, paragraphs.

const KEY_LENGTH_MAX = 40;

const MARKDOWN_HEADING = /^ {0,3}(#{1,6})\s+(.*)$/;
const UNDERLINE = /^ {0,3}(?:={3,}|-{3,})$/;
const RULE = /^ {0,3}(?:[-*_=] ?){3,}$/;
const BULLET = /^\s*(?:[-*+•‣·–]|\d{1,3}[.)])\s+/;
// "Q:", "Q1.", "**Pregunta 2:**"; a letter and a dot without a number is an abbreviation ("P. O. Box").
const QUESTION_LABEL = labelled('q|question|p|pregunta|pergunta');
const ANSWER_LABEL = labelled('a|answer|r|respuesta|resposta');
const KEY_AND_VALUE = new RegExp(`^\\s*[\\p{L}\\p{N}][^:.!?]{0,${KEY_LENGTH_MAX - 1}}: +\\S`, 'u');

function labelled(words: string): RegExp {
  return new RegExp(
    `^\\s*(?:[-*]\\s+)?(?:\\*\\*)?(?:${words})(?:\\s?\\d{1,3}\\s?[:.)]|\\s?:)(?:\\*\\*)?\\s+(.+)$`,
    'i',
  );
}

export type Block =
  | {
      readonly kind: 'heading';
      /** 1 to 6 as in Markdown. */
      readonly level: number;
      readonly text: string;
      /** Written as a question or an announcement, which speak of nothing but what follows at once. */
      readonly nextBlockOnly: boolean;
    }
  | { readonly kind: 'pair'; readonly question: string; readonly answer: string }
  /** Lines "key: value" that stand for themselves. */
  | { readonly kind: 'facts'; readonly lines: readonly string[] }
  | { readonly kind: 'text'; readonly text: string };

/** In their order, without losing a word. */
export function blocksOf(source: string): Block[] {
  const groups = groupLines(source);
  const blocks: Block[] = [];
  let body: string[] = [];
  for (const [at, lines] of groups.entries()) {
    const next = groups[at + 1];
    const heading = body.length === 0 ? headingOf(lines, next) : null;
    if (heading !== null) {
      blocks.push(heading.block);
      if (heading.rest.length > 0) blocks.push(bodyOf(heading.rest, true));
      continue;
    }
    for (const line of lines) body.push(line);
    // "We accept:" and, after an empty line, what it announces.
    if ((lines.at(-1) ?? '').endsWith(':') && startsList(next)) continue;
    blocks.push(bodyOf(body, blocks.at(-1)?.kind === 'heading'));
    body = [];
  }
  return blocks;
}

/** Lines without an empty one between them; a heading and each Q/A pair start their own group. */
function groupLines(source: string): string[][] {
  const text = source
    .toWellFormed()
    .replace(/\r\n?|[\u2028\u2029\u0085\v\f]/g, '\n')
    .replaceAll('\0', '');
  const groups: string[][] = [];
  let group: string[] = [];
  const close = () => {
    if (group.length > 0) groups.push(group);
    group = [];
  };
  for (const line of text.split('\n').flatMap(partPair)) {
    if (line.trim() === '') {
      // An answer may have several paragraphs, but nothing says where it ends: the first empty line does.
      if (!(group.length === 1 && QUESTION_LABEL.test(group[0] ?? ''))) close();
    } else if (UNDERLINE.test(line) && group.length === 1 && !BULLET.test(group[0] ?? '')) {
      groups.push([`${line.includes('=') ? '#' : '##'} ${group[0]?.trim()}`]);
      group = [];
    } else if (RULE.test(line)) {
      close();
    } else {
      if (MARKDOWN_HEADING.test(line) || QUESTION_LABEL.test(line)) close();
      group.push(line.trimEnd());
      if (MARKDOWN_HEADING.test(line)) close();
    }
  }
  close();
  return groups;
}

/** "Q: Do you deliver? A: Yes." on one line. */
function partPair(line: string): string[] {
  return QUESTION_LABEL.test(line) ? line.split(/\s{1,9}(?=(?:A|R|Answer|Respuesta|Resposta):\s)/) : [line];
}

const PLAIN_HEADING_LENGTH_MAX = 60;
const QUESTION_LENGTH_MAX = 160;
// Below every Markdown heading: a plain one ends at the next of either sort.
const PLAIN_HEADING_LEVEL = 7;

function headingOf(
  lines: readonly string[],
  next: readonly string[] | undefined,
): { block: Block; rest: readonly string[] } | null {
  const [first = '', ...rest] = lines;
  const markdown = MARKDOWN_HEADING.exec(first);
  if (markdown !== null) {
    const [, marks = '', text = ''] = markdown;
    return {
      block: {
        kind: 'heading',
        level: marks.length,
        text: plain(text).replace(/ ?#+$/, ''),
        nextBlockOnly: false,
      },
      rest,
    };
  }
  const line = plain(first);
  const last = rest.length === 0 && next === undefined;
  const lengthMax = line.endsWith('?') ? QUESTION_LENGTH_MAX : PLAIN_HEADING_LENGTH_MAX;
  if (last || line.length > lengthMax || BULLET.test(first) || QUESTION_LABEL.test(first)) return null;
  // A question above its answer; "Opening hours:" or "OPENING HOURS" above its lines; a bold line of its own.
  const asks = line.endsWith('?') && !startsQuestion(rest.length > 0 ? rest : next);
  const announces = rest.length > 0 && /^[^.!?]+:$/.test(line) && !BULLET.test(rest[0] ?? '');
  const shouts =
    /\p{Lu}{2}/u.test(line) &&
    line === line.toUpperCase() &&
    !KEY_AND_VALUE.test(line) &&
    !/[.!]$/.test(line);
  const bold = /^\s*\*\*[^*]+\*\*:?$/.test(first);
  if (!asks && !announces && !shouts && !bold) return null;
  const text = line.replace(/:$/, '');
  return {
    block: { kind: 'heading', level: PLAIN_HEADING_LEVEL, text, nextBlockOnly: asks || announces },
    rest,
  };
}

function startsQuestion(lines: readonly string[] | undefined): boolean {
  const first = plain(lines?.[0] ?? '');
  return first.endsWith('?') || MARKDOWN_HEADING.test(lines?.[0] ?? '');
}

function startsList(lines: readonly string[] | undefined): boolean {
  return BULLET.test(lines?.[0] ?? '');
}

function bodyOf(lines: readonly string[], underHeading: boolean): Block {
  const question = QUESTION_LABEL.exec(lines[0] ?? '');
  if (question !== null && lines.length > 1) {
    const answer = lines.slice(1).map((line) => ANSWER_LABEL.exec(line)?.[1] ?? line);
    return { kind: 'pair', question: plain(question[1] ?? ''), answer: joinLines(answer) };
  }
  if (!underHeading && lines.length > 1 && lines.every((line) => KEY_AND_VALUE.test(line))) {
    return { kind: 'facts', lines: lines.map(plain) };
  }
  return { kind: 'text', text: joinLines(lines) };
}

/** Joins lines that were broken for width only; lists and short lines keep theirs. */
function joinLines(lines: readonly string[]): string {
  return lines.map(plain).reduce((text, line, index) => {
    if (index === 0) return line;
    const before = lines[index - 1] ?? '';
    const wrapped = before.length >= 50 && !/[.!?:;]$/.test(before) && !BULLET.test(lines[index] ?? '');
    return `${text}${wrapped ? ' ' : '\n'}${line}`;
  }, '');
}

/** A line without Markdown's marks; bullets become "- ", links their text and address. */
function plain(line: string): string {
  return line
    .replace(/^\s*(?:[-*+•‣·–])\s+/, '- ')
    .replace(/\[([^[\]]{1,200})\]\(([^()\s]{1,400})\)/g, '$1 ($2)')
    .replace(/\*\*|__|`/g, '')
    .replace(/[^\S\n]+/g, ' ')
    .trim();
}
