// Texts of every sort: told apart by what they say, and read by whoever knows them.
import { decodeText } from '../../../core/decode-text.ts';
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
  const named = /<meta[^>]+charset=["']?([\w-]+)/i.exec(bytes.subarray(0, 2048).toString('latin1'))?.[1];
  const text = decodeText(bytes, [charset, 'utf-8', named ?? ''].filter(Boolean));
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
