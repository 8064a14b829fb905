// Says what a file is by its bytes. A name or a server's word only settles what bytes leave open: whether a text is a table.
import { fileTypeFromBuffer } from 'file-type';
import type { FileKind, TextHint } from './reading/reader.ts';

export interface RecognisedFile {
  readonly kind: FileKind;
  readonly hint: TextHint;
  readonly contentType: string;
}

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

/** Null for what cannot be read. */
export async function recognise(bytes: Buffer, name: string, said: string): Promise<RecognisedFile | null> {
  const found = await fileTypeFromBuffer(bytes).catch(() => undefined);
  const mime = found?.mime.split(';')[0];
  if (mime === 'application/pdf') return { kind: 'pdf', hint: 'none', contentType: mime };
  if (mime === DOCX) return { kind: 'docx', hint: 'none', contentType: DOCX };
  if (mime === 'application/xml') return isXhtml(bytes) ? text('html') : null;
  if (mime !== undefined && !mime.startsWith('text/')) return null;
  if (!isText(bytes)) return null;
  if (/^(?:text\/html|application\/xhtml\+xml)/i.test(said) || /\.x?html?$/i.test(name)) return text('html');
  if (/^text\/csv/i.test(said) || /\.(?:csv|tsv)$/i.test(name)) return text('csv');
  // What calls itself JSON and is none is broken, not prose.
  if (/^application\/json/i.test(said) || /\.jsonl?$/i.test(name)) return text('json');
  return text('none');
}

const contentTypes: Readonly<Record<TextHint, string>> = {
  html: 'text/html',
  csv: 'text/csv',
  json: 'application/json',
  none: 'text/plain',
};

function text(hint: TextHint): RecognisedFile {
  return { kind: 'text', hint, contentType: contentTypes[hint] };
}

function isXhtml(bytes: Buffer): boolean {
  return /<html[\s>]/i.test(bytes.subarray(0, 4096).toString('latin1'));
}

/** Control characters say that it is none; UTF-16 says what it is by its mark. */
function isText(bytes: Buffer): boolean {
  if (bytes.length === 0) return false;
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return true;
  return !bytes.some((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27));
}
