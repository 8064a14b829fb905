// Texts of every sort: told apart by what they say, and read by whoever knows them.
import { readWhatsApp } from './chats.ts';
import { delimiterOf, readCsv } from './csv.ts';
import { readHtml } from './html.ts';
import { readJson } from './json.ts';
import type { Reporter, TextHint } from './reader.ts';

/** @throws ReadingError */
export async function readText(
  bytes: Buffer,
  hint: TextHint,
  charset: string,
  report: Reporter,
): Promise<void> {
  const text = decode(bytes, charset);
  const start = text.slice(0, 2000).trimStart();
  if (hint === 'html' || /^(?:<!--[\s\S]*?-->\s*)?<(?:!doctype html|html|head|body)[\s>]/i.test(start)) {
    return readHtml(text, report);
  }
  if (hint === 'json' || (/^[[{]/.test(start) && isJson(text))) return readJson(text, report);
  const chat = readWhatsApp(text);
  if (chat) {
    for (const part of chat) report.part(part);
    return;
  }
  const delimiter = delimiterOf(text, hint === 'csv');
  if (delimiter !== null) return readCsv(text, delimiter, report);
  report.part({ text });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** By its byte order mark, by what was said of it, as UTF-8, or as what Windows wrote before. */
function decode(bytes: Buffer, charset: string): string {
  const marked =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : null;
  const named = /<meta[^>]+charset=["']?([\w-]+)/i.exec(bytes.subarray(0, 2048).toString('latin1'))?.[1];
  for (const name of [marked, charset || null, 'utf-8', named ?? null]) {
    const text = name === null ? null : decodeAs(bytes, name);
    if (text !== null) return text;
  }
  return decodeAs(bytes, 'windows-1252') ?? bytes.toString('latin1');
}

function decodeAs(bytes: Buffer, name: string): string | null {
  try {
    return new TextDecoder(name, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
