import { expect, test } from 'vitest';
import { toCsv } from './csv.ts';

test('commas, quotes and lines stay within their cell, and numbers are numbers', () => {
  expect(toCsv([['a,b', 'say "hi"', 'two\nlines', 1.5]])).toBe('"a,b","say ""hi""","two\nlines",1.5\r\n');
});

test('what a contact is called is never a formula of the spreadsheet', () => {
  for (const name of ['=1+1', '+15551230001', '-2', '@SUM(A1)', '\tx'])
    expect(toCsv([[name]])).toBe(`'${name}\r\n`);
});
