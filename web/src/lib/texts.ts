// The app's words in three languages. A feature keeps its own in `texts.ts`, and nothing else there; the compiler sees that no
// language lacks one, and a build loads those of the member's language only.
import { create } from 'zustand';
import { type AppLanguage, useScreen } from './store.ts';
import { hasTexts, loadTexts } from './texts-parts.ts';

type Text = string | ((...parameters: never[]) => string);

/** The same keys; a function takes the same parameters. */
type Words<English> = {
  readonly [Key in keyof English]: English[Key] extends (...parameters: infer Parameters) => string
    ? (...parameters: Parameters) => string
    : string;
};

export type Texts<English> = Readonly<Record<AppLanguage, Words<English>>>;

/** `defineTexts({ en: { send: 'Send', unread: (count: number) => `${count} unread` }, es: {…}, pt: {…} })` */
export function defineTexts<English extends Record<string, Text>>(texts: {
  en: English;
  es: NoInfer<Words<English>>;
  pt: NoInfer<Words<English>>;
}): Texts<English> {
  // The compiler cannot see that English has its own shape.
  return texts as unknown as Texts<English>;
}

/** What a browser asks for, as far as we speak it. */
function browserLanguage(): AppLanguage {
  const wanted = navigator.languages.map((language) => language.slice(0, 2).toLowerCase());
  return wanted.find((language): language is AppLanguage => ['en', 'es', 'pt'].includes(language)) ?? 'en';
}

const wantedLanguage = (): AppLanguage => useScreen.getState().language ?? browserLanguage();

/** What is spoken: what is wanted, as soon as its words are here. */
const useSpoken = create<{ language: AppLanguage }>(() => ({ language: wantedLanguage() }));

function speakWanted(): void {
  const language = wantedLanguage();
  if (hasTexts(language)) useSpoken.setState({ language });
  // Without a network it stays as it is.
  else loadTexts(language).then(speakWanted, () => undefined);
}
useScreen.subscribe(speakWanted);

/** Settles when something can be said. */
export const awaitTexts = (): Promise<void> => loadTexts(currentLanguage());

export const currentLanguage = (): AppLanguage => useSpoken.getState().language;

export const useLanguage = (): AppLanguage => useSpoken(({ language }) => language);

export function useTexts<English>(texts: Texts<English>): Words<English> {
  return texts[useLanguage()];
}

/** For what is said outside of a component: a toast, a notification. */
export function currentTexts<English>(texts: Texts<English>): Words<English> {
  return texts[currentLanguage()];
}

/** Tells the document, and so a screen reader, in which language it speaks. @returns stops */
export function followLanguage(): () => void {
  const show = () => {
    document.documentElement.lang = currentLanguage();
  };
  show();
  return useSpoken.subscribe(show);
}
