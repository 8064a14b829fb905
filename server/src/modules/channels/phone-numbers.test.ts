import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type CountryCode,
  countryOf,
  directoryVariants,
  isCountryCode,
  normalizePhoneNumber,
  phoneNumberKey,
} from './phone-numbers.ts';

test('a national number is read in the default country, and keeps what was written', () => {
  expect(normalizePhoneNumber(' (212) 555-2368 ', 'US')).toEqual({
    canonical: '+12125552368',
    kind: 'e164',
    country: 'US',
    type: 'fixed_line_or_mobile',
    original: ' (212) 555-2368 ',
  });
  expect(normalizePhoneNumber('(11) 98765-4321', 'BR')).toMatchObject({
    canonical: '+5511987654321',
    type: 'mobile',
  });
  expect(normalizePhoneNumber('612 34 56 78', 'ES')).toMatchObject({
    canonical: '+34612345678',
    country: 'ES',
  });
});

test('a national number without a default country is unknown and stays as it is', () => {
  expect(normalizePhoneNumber('(212) 555-2368', null)).toMatchObject({
    canonical: '(212) 555-2368',
    kind: 'unknown',
    country: null,
  });
});

test('the reserved 555 numbers of demos and films are E.164 although no plan assigns them', () => {
  expect(normalizePhoneNumber('+15551230001', null)).toMatchObject({
    canonical: '+15551230001',
    kind: 'e164',
    country: 'US',
    type: null,
  });
  expect(normalizePhoneNumber('(555) 123-0001', 'US').canonical).toBe('+15551230001');
});

test('short codes stay digits and belong to the country that they were read in', () => {
  for (const code of ['123', '40404', '894546', '12345678']) {
    expect(normalizePhoneNumber(` ${code} `, 'US')).toMatchObject({
      canonical: code,
      kind: 'short_code',
      country: 'US',
      type: null,
    });
  }
  expect(normalizePhoneNumber('12', 'US').kind).toBe('unknown');
});

test('alphanumeric senders keep their writing and are compared without case', () => {
  const upper = normalizePhoneNumber('ACME Shop', 'GB');
  const lower = normalizePhoneNumber('acme shop ', 'GB');
  expect(upper).toMatchObject({ canonical: 'ACME Shop', kind: 'alphanumeric', country: null });
  expect(lower.canonical).toBe('acme shop');
  expect(phoneNumberKey(upper)).toBe(phoneNumberKey(lower));
  expect(normalizePhoneNumber('TwelveLetter', 'GB').kind).toBe('unknown');
});

test("addresses of channels that are not ours are unknown, not a phone's", () => {
  for (const address of [
    'whatsapp:+12125552368',
    'messenger:1234567890',
    'client:anna',
    '',
    '+1234',
    '\uD800',
  ]) {
    expect(normalizePhoneNumber(address, 'US').kind).toBe('unknown');
  }
});

test('direction marks, NUL and full-width signs never reach the canonical form', () => {
  expect(normalizePhoneNumber('\u202A+1 (212) 555\u20112368\u202C\0', null).canonical).toBe('+12125552368');
  expect(normalizePhoneNumber('＋１２１２５５５２３６８', null).canonical).toBe('+12125552368');
});

test('the country of a number is found, or said to be none', () => {
  expect(countryOf('+5511987654321')).toBe('BR');
  expect(countryOf('+14165550123')).toBe('CA');
  expect(countryOf('+80012345678')).toBeNull();
  expect(countryOf('ACME')).toBeNull();
  expect(isCountryCode('PT')).toBe(true);
  expect(isCountryCode('pt')).toBe(false);
});

test('the directory is asked with raw, E.164, digits, national digits, each once', () => {
  expect(directoryVariants('(212) 555-2368', '+12125552368')).toEqual([
    '(212) 555-2368',
    '+12125552368',
    '12125552368',
    '2125552368',
  ]);
  expect(directoryVariants('+12125552368', '+12125552368')).toEqual([
    '+12125552368',
    '12125552368',
    '2125552368',
  ]);
  expect(directoryVariants('40404', null)).toEqual(['40404']);
  expect(directoryVariants('ACME', null)).toEqual(['ACME']);
});

// Example numbers of the plans themselves: area code and subscriber drawn freely, so many are valid and some are not.
const internationalNumber = fc
  .tuple(
    fc.constantFrom('1', '34', '55', '351', '52', '44', '49', '54'),
    fc.stringMatching(/^[1-9]\d{6,10}$/),
  )
  .map(([code, rest]) => `+${code}${rest}`);
const country = fc.constantFrom<CountryCode | null>('US', 'ES', 'BR', 'PT', 'MX', 'GB', null);
const messy = fc.oneof(
  internationalNumber,
  fc.stringMatching(/^[+\d() .a-zA-Z&_-]{0,16}$/),
  fc.string({ unit: 'binary' }),
);

test('normalising twice equals normalising once, whatever was written', () => {
  fc.assert(
    fc.property(messy, country, (raw, defaultCountry) => {
      const once = normalizePhoneNumber(raw, defaultCountry);
      const twice = normalizePhoneNumber(once.canonical, defaultCountry);
      expect({ ...twice, original: raw }).toEqual(once);
    }),
    { numRuns: 500 },
  );
});

test('spaces, dashes, parentheses and full-width digits change no number', () => {
  const separators = fc.array(fc.constantFrom('', ' ', '-', '.', '\u00A0', '\u2011'), {
    minLength: 16,
    maxLength: 16,
  });
  fc.assert(
    fc.property(internationalNumber, separators, fc.boolean(), (number, between, fullWidth) => {
      const digits = [...number.slice(1)];
      const spelled = digits
        .map((digit, index) => (index === 0 ? digit : `${between[index]}${digit}`))
        .map((part) =>
          fullWidth ? part.replace(/\d/, (d) => String.fromCodePoint(0xff10 + Number(d))) : part,
        )
        .join('');
      const plain = normalizePhoneNumber(number, null);
      const written = normalizePhoneNumber(`+${spelled}`, null);
      expect(written.kind).toBe(plain.kind);
      if (plain.kind === 'e164') expect(written.canonical).toBe(plain.canonical);
    }),
    { numRuns: 500 },
  );
  expect(normalizePhoneNumber('+1 (212) 555-2368', null).canonical).toBe(
    normalizePhoneNumber('+12125552368', null).canonical,
  );
});

const devFile = new URL('../../../../../shared/evals/phones_e164/dev.jsonl', import.meta.url);

test('at least 99.5 % of the published example numbers come out right', () => {
  if (!existsSync(devFile) && !process.env.CI) {
    console.log('phones_e164/dev.jsonl is not here: the example numbers were not read');
    return;
  }
  const rows = readFileSync(devFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const wrong = rows.filter((row: { input: string; region: CountryCode; e164: string | null }) => {
    const number = normalizePhoneNumber(row.input, row.region);
    return (number.kind === 'e164' ? number.canonical : null) !== row.e164;
  });
  expect(rows.length).toBeGreaterThan(3000);
  expect(1 - wrong.length / rows.length).toBeGreaterThanOrEqual(0.995);
});
