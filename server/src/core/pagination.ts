// Cursor pagination: a page is asked for by what it comes after, so rows that arrive meanwhile shift nothing.
import type { z } from 'zod';
import { validationError } from './errors.ts';

/** Encodes the sort key of a page's last row. */
export function encodeCursor(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** @throws ParleyError `sms.validation_error` for a cursor that is not ours. */
export function decodeCursor<Schema extends z.ZodType>(cursor: string, schema: Schema): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw validationError('The cursor is not one of ours.', [
      { path: 'query.cursor', message: 'is not valid' },
    ]);
  }
}

/** Cuts the one row that was read too many and says where the next page starts. */
export function toPage<Row>(
  rows: readonly Row[],
  limit: number,
  key: (row: Row) => readonly (string | number)[],
): { items: Row[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? encodeCursor(key(last)) : null };
}
