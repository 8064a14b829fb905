// Reads the number of a phone that can be sent a code.
import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { validationError } from '../../../core/errors.ts';

/** Lines that no phone answers, or that earn money for whoever has them. */
const refusedLines: ReadonlySet<string> = new Set([
  'PREMIUM_RATE',
  'SHARED_COST',
  'TOLL_FREE',
  'UAN',
  'PAGER',
  'VOICEMAIL',
  'PERSONAL_NUMBER',
]);

/**
 * E.164. Numbers without a country code are read as ones of `defaultCountry`.
 * @throws ParleyError 400
 */
export function readOwnNumber(raw: string, defaultCountry: string | null): string {
  const parsed = parsePhoneNumberFromString(raw.normalize('NFKC').trim(), {
    extract: false,
    ...(defaultCountry && isSupportedCountry(defaultCountry) ? { defaultCountry } : {}),
  });
  if (!parsed?.isPossible() || refusedLines.has(parsed.getType() ?? '')) {
    throw validationError('No code can be sent to this number.', [
      { path: 'body.number', message: 'is no number of a phone; begin with + and the country’s code' },
    ]);
  }
  return parsed.number;
}
