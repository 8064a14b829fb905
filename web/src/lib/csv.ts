// Hands a table to the member as a file that spreadsheets open.
import { saveBlob } from './save-file.ts';

/** RFC 4180. What a spreadsheet would take for a formula is kept from being one: cells hold contacts' words too. */
export function toCsv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** Where a cell may begin, and what follows is read as a formula: in full width too, after blanks and quotes too. */
const formula = /(?<=^|[;\t\r\n])(?=[\s\p{C}"]*[=+\-@|%＝＋－＠﹢﹣﹦﹫−])|^(?=[\t\r\n])/gu;

/** As the server's `csvCell`: one that separates by semicolons or tabs begins cells in the middle of a text, there too. */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  return `"${value.replaceAll(formula, "'").replaceAll('"', '""')}"`;
}

export function saveFile(name: string, text: string): void {
  // Without the mark, spreadsheets read accents wrongly.
  saveBlob(name, new Blob(['\uFEFF', text], { type: 'text/csv;charset=utf-8' }));
}
