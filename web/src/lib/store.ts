// What is only the screen's, kept in this browser: theme, language, what is folded away, which workspace is looked at.
import type { Preferences } from '@parley/contract/tenancy';
import { create } from 'zustand';
import { createJSONStorage, persist } from 'zustand/middleware';

export type Theme = Preferences['theme'];
export type AppLanguage = NonNullable<Preferences['language']>;

export interface ScreenState {
  readonly theme: Theme;
  /** Null: as the browser says. */
  readonly language: AppLanguage | null;
  readonly workspaceId: string | null;
  readonly detailsFolded: boolean;
  /** Of the compose box, as Preferences. */
  readonly enterSends: boolean | null;
  /** Null: nobody has opened or closed it yet. */
  readonly phoneOpen: boolean | null;
}

const first: ScreenState = {
  theme: 'system',
  language: null,
  workspaceId: null,
  detailsFolded: false,
  enterSends: null,
  phoneOpen: null,
};

/** Read a part: `useScreen((screen) => screen.phoneOpen)`; write one: `setScreen({ phoneOpen: true })`. */
export const useScreen = create<ScreenState>()(
  persist(() => first, {
    // public/theme.js reads it too.
    name: 'parley.screen',
    version: 0,
    storage: createJSONStorage(() => localStorage),
  }),
);

export function setScreen(change: Partial<ScreenState>): void {
  useScreen.setState(change);
}

/** Takes over what the server keeps of a member, on every device. */
export function applyPreferences({ theme, language, enterSends }: Preferences): void {
  setScreen({ theme, language, enterSends });
}

/** Keeps the document's theme in step with the store and the system. @returns stops */
export function followTheme(): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const show = () => {
    const { theme } = useScreen.getState();
    const dark = theme === 'dark' || (theme === 'system' && system.matches);
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  };
  show();
  system.addEventListener('change', show);
  const stop = useScreen.subscribe(show);
  return () => {
    stop();
    system.removeEventListener('change', show);
  };
}
