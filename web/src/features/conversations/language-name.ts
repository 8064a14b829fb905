// The names of contacts' languages, in the member's.
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { listTexts } from './texts-list.ts';

/** The name of a contact's language; "not known yet" is one too. */
export function useLanguageName(): (code: string) => string {
  const { languageName } = useFormat();
  const { languageUnknown } = useTexts(listTexts);
  return (code) => {
    if (code === 'unknown') return languageUnknown;
    const name = languageName(code);
    return name.charAt(0).toLocaleUpperCase() + name.slice(1);
  };
}
