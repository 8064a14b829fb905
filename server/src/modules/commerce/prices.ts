// Prices as people and spreadsheets write them.

/** Of most currencies. */
const DIGITS = 2;

/**
 * In the smallest unit of the currency ('' is one of hundredths): "12", "12.5", "12,50", "1,234.50", "1.234,50", "-3"; null for
 * anything else, and for what could mean two prices ("1.234").
 */
export function priceMinorOf(text: string, currency: string): number | null {
  const digits = digitsOf(currency);
  const [, sign = '', whole = '', part = ''] =
    /^(-?)(\d{1,12}|\d{1,3}(?:,\d{3})+(?=\.)|\d{1,3}(?:\.\d{3})+(?=,)|\d{1,3}(?:[ \u00a0\u202f']\d{3})+)(?:[.,](\d+))?$/.exec(
      text,
    ) ?? [];
  if (whole === '' || part.length > digits) return null;
  const amount = Number(`${whole.replaceAll(/\D/g, '')}${part.padEnd(digits, '0')}`);
  return sign === '-' ? -amount : amount;
}

const known = new Map<string, number>([['', DIGITS]]);

/** How many places a currency has after the point, as ISO 4217 says. */
function digitsOf(currency: string): number {
  const before = known.get(currency);
  if (before !== undefined) return before;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? DIGITS;
  known.set(currency, digits);
  return digits;
}
