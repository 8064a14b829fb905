// A browser and its system in two words, from the User-Agent; enough to recognise one's own, and no more.

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

/** @returns name null for what is no browser that is known */
export function describeDevice(userAgent: string | null): { name: string | null; isHandset: boolean } {
  const text = userAgent ?? '';
  const words = [find(browsers, text), find(systems, text)].filter((word) => word !== undefined);
  return { name: words.length > 0 ? words.join(' · ') : null, isHandset: /Mobile|iPhone|Android/.test(text) };
}
