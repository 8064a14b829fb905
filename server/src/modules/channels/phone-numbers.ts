// Turns what people and carriers write as a phone number into one canonical form, and hides numbers from logs.
import {
  type CountryCode,
  getCountries,
  type PhoneNumberType,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';

export type { CountryCode };

export type PhoneNumberKind = 'e164' | 'short_code' | 'alphanumeric' | 'unknown';

export type PhoneNumberLine = Lowercase<PhoneNumberType>;

export interface NormalizedPhoneNumber {
  /** E.164, the digits of a short code, or the trimmed text where it is neither. */
  readonly canonical: string;
  readonly kind: PhoneNumberKind;
  /** ISO 3166-1 alpha-2. A short code belongs to the country that it was read in. */
  readonly country: string | null;
  /** What sort of line the numbering plan says it is; null where the plan does not know the number. */
  readonly type: PhoneNumberLine | null;
  readonly original: string;
}

// Address books and web pages wrap numbers in direction marks; PostgreSQL refuses NUL.
const INVISIBLE = /[\p{Cc}\p{Cf}]/gu;
const SEPARATORS = /[\s().\-/]/g;
// https://help.twilio.com/articles/223133767: up to 11 of these, with at least one letter.
const ALPHANUMERIC_SENDER = /^(?=.*[A-Za-z])[A-Za-z0-9 +\-_&]{1,11}$/;
const SHORT_CODE = /^\d{3,8}$/;
const SHORT_CODE_DIGITS_MAX = 8;

/**
 * Reads one number. National numbers are read in `defaultCountry`'s plan; without one they stay `unknown`. A number that the
 * plan does not know but that has a possible length counts as E.164 when written with its country code, or with more
 * digits than a short code has: plans open new ranges faster than any metadata follows. Never throws.
 */
export function normalizePhoneNumber(raw: string, defaultCountry: CountryCode | null): NormalizedPhoneNumber {
  const text = raw.toWellFormed().replace(INVISIBLE, '').normalize('NFKC').trim();
  const parsed = parsePhoneNumberFromString(text, {
    defaultCountry: defaultCountry ?? undefined,
    extract: false,
  });
  if (parsed !== undefined) {
    const valid = parsed.isValid();
    const plausible =
      parsed.isPossible() && (text.startsWith('+') || parsed.nationalNumber.length > SHORT_CODE_DIGITS_MAX);
    if (valid || plausible) {
      return {
        canonical: parsed.number,
        kind: 'e164',
        country: countryOf(parsed.number),
        type: valid ? lineOf(parsed.getType()) : null,
        original: raw,
      };
    }
  }
  const digits = text.replace(SEPARATORS, '');
  if (SHORT_CODE.test(digits)) {
    return { canonical: digits, kind: 'short_code', country: defaultCountry, type: null, original: raw };
  }
  const kind = ALPHANUMERIC_SENDER.test(text) ? 'alphanumeric' : 'unknown';
  return { canonical: text, kind, country: null, type: null, original: raw };
}

function lineOf(type: PhoneNumberType | undefined): PhoneNumberLine | null {
  return type === undefined ? null : (type.toLowerCase() as PhoneNumberLine);
}

/** Two numbers are the same address when their keys are equal: alphanumeric senders differ by case alone. */
export function phoneNumberKey(number: Pick<NormalizedPhoneNumber, 'canonical' | 'kind'>): string {
  return number.kind === 'alphanumeric' ? number.canonical.toLowerCase() : number.canonical;
}

/**
 * The country (ISO 3166-1 alpha-2) of an E.164 number; null where its calling code belongs to no country. A number whose
 * area nobody has claimed (+1 555 …) goes to the country that leads its numbering plan.
 */
export function countryOf(e164: string): CountryCode | null {
  const parsed = parsePhoneNumberFromString(e164, { extract: false });
  if (parsed === undefined) return null;
  return parsed.country ?? parsed.getPossibleCountries()[0] ?? null;
}

/** True for the two letters of a country whose numbering plan we can read. */
export function isCountryCode(value: string): value is CountryCode {
  return COUNTRIES.has(value);
}

const COUNTRIES: ReadonlySet<string> = new Set(getCountries());

/**
 * The spellings under which another system may know a number, in the order in which they are asked: as it came, E.164,
 * digits only, without the country code; no spelling twice.
 */
export function directoryVariants(raw: string, e164: string | null): string[] {
  const parsed = e164 === null ? undefined : parsePhoneNumberFromString(e164, { extract: false });
  const variants = [
    raw.trim(),
    e164,
    (e164 ?? raw).normalize('NFKC').replace(/\D/g, ''),
    parsed?.nationalNumber,
  ];
  return [...new Set(variants)].filter(
    (variant): variant is string => typeof variant === 'string' && variant !== '',
  );
}
