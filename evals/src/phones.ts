// Measures how often a number as people write it becomes the right E.164 number, and a short code none.
import { z } from 'zod';
import { isCountryCode, normalizePhoneNumber } from '../../server/src/modules/channels/phone-numbers.ts';
import { BARE, type EvalInput, percent, processorSeconds, type Row, readRows } from './rows.ts';

const example = z.object({
  input: z.string(),
  region: z.string(),
  form: z.string(),
  e164: z.string().nullable(),
});

export async function run({ dataDirectory, split }: EvalInput): Promise<Row[]> {
  const rows = readRows(dataDirectory, 'phones_e164', split, example);
  const startedAt = processorSeconds();
  const read = rows.map(({ input, region }) =>
    normalizePhoneNumber(input, isCountryCode(region) ? region : null),
  );
  const microsPerRow = (1e6 * (processorSeconds() - startedAt)) / rows.length;
  const isRight = rows.map((row, index) => {
    const number = read[index];
    return (number?.kind === 'e164' ? number.canonical : null) === row.e164;
  });
  const rightAmong = (short: boolean) =>
    rows.filter((row, index) => isRight[index] && (row.form === 'short') === short);
  const shortCount = rows.filter((row) => row.form === 'short').length;
  const from = 'libphonenumber-js/max';
  const row = { ...BARE, task: 'phones', set: 'phones_e164', split, unit: '%' } as const;
  return [
    {
      ...row,
      metric: 'right',
      value: percent(rightAmong(false).length, rows.length - shortCount),
      microsPerRow,
      baseline: { value: 99.7, from },
      count: rows.length - shortCount,
    },
    {
      ...row,
      set: 'phones_e164/short-codes',
      metric: 'rejected',
      value: percent(rightAmong(true).length, shortCount),
      baseline: { value: 100, from },
      count: shortCount,
    },
  ];
}
