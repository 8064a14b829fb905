import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvCell } from './csv.ts';

/** As a spreadsheet reads it: a quote counts where a cell begins. */
function read(text: string, separator: string): string[] {
  const cells = [];
  let at = 0;
  while (at < text.length) {
    let value = '';
    if (text[at] === '"') {
      for (at += 1; at < text.length && (text[at] !== '"' || text[at + 1] === '"'); at += 1) {
        value += text[at];
        if (text[at] === '"') at += 1;
      }
      at += 1;
    }
    for (; at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r'; at += 1)
      value += text[at];
    cells.push(value);
    at += 1;
  }
  return cells;
}

const texts = fc.oneof(
  fc
    .array(fc.constantFrom(...'=+-@＝＋－＠;,\t\r\n "\'a1'), { maxLength: 12 })
    .map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme' }),
);

describe('a cell of a spreadsheet', () => {
  it('begins no formula, whether commas, semicolons or tabs separate', () => {
    fc.assert(
      fc.property(texts, texts, fc.constantFrom(',', ';', '\t'), (one, other, separator) => {
        const row = `${[csvCell('id'), csvCell(one), csvCell(other)].join(',')}\r\n`;
        for (const value of read(row, separator)) expect(value).not.toMatch(/^\s*[=+\-@＝＋－＠]/u);
      }),
      { numRuns: 2000 },
    );
  });

  it('has what was said, where no formula could begin', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z",; ]*$/), (text) => {
        expect(read(csvCell(text), ',')).toEqual([text]);
      }),
    );
  });

  it.each(['=1', '＝1', '\n=1', ' =1', '\t1', '-1', '@SUM(1)', '|1', '%1'])('takes %j for text', (text) => {
    expect(csvCell(text).startsWith(`"'`)).toBe(true);
  });

  it('marks a formula in the middle of a name, for spreadsheets that separate by semicolons', () => {
    expect(csvCell('Ana;=HYPERLINK("http://evil.example")')).toBe(
      `"Ana;'=HYPERLINK(""http://evil.example"")"`,
    );
  });

  it('is empty where there is nothing', () => {
    expect([csvCell(null), csvCell(undefined)]).toEqual(['""', '""']);
  });
});
