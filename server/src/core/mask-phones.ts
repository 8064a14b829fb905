// Hides telephone numbers wherever they stand in a text, before the text reaches a log.
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

// What only looks like a number: UUIDs, dates and times as ISO 8601 and people write them, IPv4, fractions below one.
const KEPT = [
  '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  '\\d{4}-\\d{2}-\\d{2}(?:[T ]\\d{1,2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?)?',
  '\\d{1,2}[./\\-]\\d{1,2}[./\\-]\\d{4}',
  '\\d{1,3}(?:\\.\\d{1,3}){3}',
  '0\\.\\d+',
].join('|');
const SEPARATED_DIGIT = '[ \\u00A0().\\-\\u2010-\\u2015]{0,3}\\p{Nd}';
// Seven to fifteen digits are E.164's limits. A plus (also as a URL writes it) says number whatever stands around it.
const NUMBER_IN_TEXT = new RegExp(
  [
    `(?<kept>(?<![\\p{L}\\p{Nd}_+])(?:${KEPT})(?![\\p{L}\\p{Nd}_]))`,
    `(?<plus>\\+|\\uFF0B|%2B)[ (]{0,2}(?<international>\\p{Nd}(?:${SEPARATED_DIGIT}){6,})`,
    `(?<![\\p{L}\\p{Nd}_])\\(?(?<bare>\\p{Nd}(?:${SEPARATED_DIGIT}){6,14})(?![\\p{L}\\p{Nd}_])`,
  ].join('|'),
  'giu',
);

/**
 * Hides every phone number in a value or in free text: `+15551230001` becomes `+1•••0001`. What stays is the country code
 * and at most four last digits; UUIDs, dates and times stay whole. Masking twice equals masking once.
 */
export function maskPhones(value: string): string {
  return value.replace(NUMBER_IN_TEXT, (found, ...rest) => {
    const groups: { kept?: string; plus?: string; international?: string; bare?: string } = rest.at(-1);
    if (groups.kept !== undefined) return found;
    const digits = (groups.international ?? groups.bare ?? '').normalize('NFKC').replace(/[^\p{Nd}]/gu, '');
    const tail = digits.slice(digits.length >= 10 ? -4 : -2);
    return `${groups.plus ?? ''}${groups.plus === undefined ? '' : callingCodeOf(digits)}•••${tail}`;
  });
}

function callingCodeOf(digits: string): string {
  return parsePhoneNumberFromString(`+${digits}`, { extract: false })?.countryCallingCode ?? '';
}
