// JSON: rows of objects, questions with answers, chats, or whatever else has names and values.
import { readChatJson } from './chats.ts';
import { partOfRow, ReadingError, type Reporter } from './reader.ts';

/** Deeper than people nest what they write. */
const depthMax = 12;

/** @throws ReadingError */
export function readJson(text: string, report: Reporter): void {
  const value = parse(text);
  const chat = readChatJson(value);
  if (chat) for (const part of chat) report.part(part);
  else walk(value, [], report);
}

/** One value for all, or one for each line ("JSON Lines"). */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    if (lines.length < 2) throw new ReadingError('unreadable', { cause });
    try {
      return lines.map((line) => JSON.parse(line));
    } catch (error) {
      throw new ReadingError('unreadable', { cause: error });
    }
  }
}

function walk(value: unknown, path: readonly string[], report: Reporter): void {
  if (path.length > depthMax) throw new ReadingError('unreadable');
  if (Array.isArray(value)) {
    for (const item of value) {
      if (isPlain(item)) report.part({ text: String(item) });
      else walk(item, path, report);
    }
    return;
  }
  if (typeof value !== 'object' || value === null) {
    if (isPlain(value)) report.part({ text: String(value) });
    return;
  }
  // What holds rows of its own is a chapter; what holds values is a row.
  const entries = Object.entries(value);
  const part = partOfRow(entries.flatMap(([name, inner]) => fieldOf(name, inner)));
  if (part) report.part(part);
  for (const [name, inner] of entries) {
    if (fieldOf(name, inner).length > 0 || inner === null) continue;
    if (!/^\d+$/.test(name)) report.part({ text: `${'#'.repeat(Math.min(6, path.length + 1))} ${name}` });
    walk(inner, [...path, name], report);
  }
}

/** A value that fits into a line: a plain one, or a list of plain ones. */
function fieldOf(name: string, value: unknown): [string, string][] {
  if (isPlain(value)) return [[name, String(value)]];
  if (Array.isArray(value) && value.length > 0 && value.length <= 50 && value.every(isPlain)) {
    return [[name, value.join(', ')]];
  }
  return [];
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
