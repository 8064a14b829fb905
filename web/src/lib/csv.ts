// Hands a table to the member as a file that spreadsheets open.
import { saveBlob } from './save-file.ts';

/** RFC 4180. What a spreadsheet would take for a formula is kept from being one: cells hold contacts' words too. */
export function toCsv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

export function saveFile(name: string, text: string): void {
  // Without the mark, spreadsheets read accents wrongly.
  saveBlob(name, new Blob(['\uFEFF', text], { type: 'text/csv;charset=utf-8' }));
}
