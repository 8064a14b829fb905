// What a User-Agent says of a device, in two words, apart from every schema: pages show it, and the audit keeps it.

const browsers: readonly (readonly [RegExp, string])[] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/(?:Headless)?Chrom(?:e|ium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const systems: readonly (readonly [RegExp, string])[] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];

const find = (list: typeof browsers, text: string) => list.find(([pattern]) => pattern.test(text))?.[1];

/** Browser and system ("Edge · Windows"): enough to recognise one's own, and no more. Null for what is no browser that is known. */
export function browserOf(userAgent: string): string | null {
  const words = [find(browsers, userAgent), find(systems, userAgent)].filter((word) => word !== undefined);
  return words.length > 0 ? words.join(' · ') : null;
}
