// What every reader of a format has in common. Readers run in a process of their own (main.ts): what they are given may
// have been made to hurt, so they have no secrets, no time without end and no memory without end.
import type { DocumentPart } from '../passages.ts';

/** As told by content; `text` is still to be looked at more closely. */
export type FileKind = 'pdf' | 'docx' | 'text';

/** What a name or a server says of a text, to settle what its content leaves open. */
export type TextHint = 'csv' | 'html' | 'json' | 'none';

export interface Reporter {
  part(part: DocumentPart): void;
  /** What the document calls itself. */
  title(title: string): void;
  /** Before a page is read, so that whoever waits knows where it ended if it did. */
  page(page: number, of: number): void;
  rows(done: number): void;
  /** A page that could not be read; the others go on. */
  pageFailed(page: number): void;
}

/** Why nothing could be read, in a code of the contract's. */
export class ReadingError extends Error {
  override readonly name = 'ReadingError';
  readonly code: 'unreadable' | 'locked' | 'too_much_memory';
  constructor(code: ReadingError['code'], options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

const QUESTION_NAMES = /^(?:q|question|questions|pergunta|perguntas|pregunta|preguntas|prompt|user_input)$/i;
const ANSWER_NAMES =
  /^(?:a|answer|answers|resposta|respostas|respuesta|respuestas|reply|response|completion)$/i;

/** A row of named values: a question with its answer where the names say so, else lines of "name: value". */
export function partOfRow(fields: readonly (readonly [name: string, value: string])[]): DocumentPart | null {
  const filled = fields.filter(([, value]) => value.trim() !== '');
  if (filled.length === 0) return null;
  const question = filled.find(([name]) => QUESTION_NAMES.test(name.trim()));
  const answer = filled.find(([name]) => ANSWER_NAMES.test(name.trim()));
  const line = ([name, value]: readonly [string, string]) => (name ? `${name}: ${value}` : value);
  if (!question || !answer) return oneParagraph(filled.map(line));
  const others = filled.filter((field) => field !== question && field !== answer);
  return { question: question[1].trim(), answer: [answer[1].trim(), ...others.map(line)].join('\n') };
}

/** Lines that stay together, whatever they look like: no empty line and no mark at a line's begin parts them. */
function oneParagraph(lines: readonly string[]): DocumentPart {
  return { text: lines.map((line) => line.replace(/\s*\n\s*/g, ' ').trim()).join('; ') };
}
