// Says in the member's language what the server said no with.
import { currentLanguage, currentTexts } from './texts.ts';
import { errorTexts } from './texts-errors.ts';
import { hasTexts } from './texts-parts.ts';

/** @param said the server's own sentence: it stays where its code has no words here */
export function errorInWords(code: string, said: string): string {
  if (!hasTexts(currentLanguage())) return said;
  return wordsByCode(currentTexts(errorTexts), code)?.(said) ?? said;
}

type ByCode = Readonly<Record<string, (said: string) => string>>;

/** A code comes from outside: it may be the name of anything. */
export const wordsByCode = (words: ByCode, code: string): ByCode[string] | undefined =>
  Object.hasOwn(words, code) ? words[code] : undefined;
