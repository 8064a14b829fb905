// Cells of tables that we hand out as CSV. The web has its own of the same rule: web/src/lib/csv.ts.

/** Where a cell may begin, and what follows is read as a formula: in full width too, after blanks and quotes too. */
const formula = /(?<=^|[;\t\r\n])(?=[\s\p{C}"]*[=+\-@|%＝＋－＠﹢﹣﹦﹫−])|^(?=[\t\r\n])/gu;

/**
 * RFC 4180, always in quotes. A spreadsheet runs what begins like a formula, whoever wrote it. One that separates by semicolons
 * or tabs begins cells in the middle of a text: there too.
 */
export function csvCell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  return `"${text.replaceAll(formula, "'").replaceAll('"', '""')}"`;
}
