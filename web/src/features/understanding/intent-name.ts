// The name of an intent as a person reads it.
import { useTexts } from '../../lib/texts.ts';
import { intentNameTexts } from './texts-intent-names.ts';

/** Those that come with Parley in the member's language; `lost_parcel` of a workspace's own is "Lost parcel". */
export function useIntentName(): (name: string) => string {
  const texts: Readonly<Record<string, string>> = useTexts(intentNameTexts);
  return (name) => (Object.hasOwn(texts, name) ? texts[name] : undefined) ?? readable(name);
}

function readable(name: string): string {
  const words = name.replaceAll('_', ' ').trim();
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}
