// What can be done from the palette besides finding somebody: pages, what the page under it offers, and what is the member's own.
import {
  Keyboard,
  Languages,
  LogOut,
  type LucideIcon,
  MessageSquareQuote,
  Monitor,
  Moon,
  Route,
  Smartphone,
  Sun,
  Zap,
} from 'lucide-react';
import { useNavigate } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { useChangePreferences } from '../../lib/preferences.ts';
import { useSession } from '../../lib/session.ts';
import { useShortcuts } from '../../lib/shortcuts.ts';
import { type AppLanguage, setScreen, type Theme, useScreen } from '../../lib/store.ts';
import { useTexts } from '../../lib/texts.ts';
import { toastError } from '../../ui/toast.tsx';
import { useSections } from '../assistant/sections.tsx';
import { usePhoneAvailable } from '../phone/phone-available.ts';
import { startTour } from '../tour/tour-state.ts';
import { paletteTexts } from './texts.ts';

export interface Command {
  /** Stable: it is remembered as recently used. */
  readonly id: string;
  readonly group: 'actions' | 'pages' | 'more';
  readonly label: string;
  readonly icon: LucideIcon;
  readonly keys?: string;
  readonly run: () => void;
}

export interface PalettePlace {
  readonly path: string;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly keys: string;
}

/** @param onShowShortcuts opens the list of them */
export function useCommands(
  places: readonly PalettePlace[],
  onShowShortcuts: () => void,
): readonly Command[] {
  const texts = useTexts(paletteTexts);
  const format = useFormat();
  const navigate = useNavigate();
  const shortcuts = useShortcuts();
  const { signOut } = useSession();
  const { mutate: changePreferences } = useChangePreferences();
  const sections = useSections();
  const phoneAvailable = usePhoneAvailable();
  const phoneOpen = useScreen((screen) => screen.phoneOpen);
  const themes: readonly { theme: Theme; label: string; icon: LucideIcon }[] = [
    { theme: 'system', label: texts.themeSystem, icon: Monitor },
    { theme: 'light', label: texts.themeLight, icon: Sun },
    { theme: 'dark', label: texts.themeDark, icon: Moon },
  ];
  const languages: readonly AppLanguage[] = ['en', 'es', 'pt'];

  return [
    ...shortcuts
      .filter(({ scope }) => scope !== 'global' && scope !== 'dialog')
      .map(
        ({ scope, keys, label, run }): Command => ({
          id: `do ${scope} ${keys}`,
          group: 'actions',
          label,
          icon: Zap,
          keys,
          run: () => run(),
        }),
      ),
    ...places.map(
      ({ path, label, icon, keys }): Command => ({
        id: `go ${path}`,
        group: 'pages',
        label,
        icon,
        keys,
        run: () => void navigate(path),
      }),
    ),
    ...sections.map(
      ({ path, label, icon }): Command => ({
        id: `go /assistant/${path}`,
        group: 'pages',
        label: texts.ofAssistant(label),
        icon,
        run: () => void navigate(`/assistant/${path}`),
      }),
    ),
    {
      id: 'quick replies',
      group: 'pages',
      label: texts.quickReplies,
      icon: MessageSquareQuote,
      run: () => void navigate('/settings?tab=quick-replies'),
    },
    ...(phoneAvailable
      ? [
          {
            id: 'phone',
            group: 'more' as const,
            label: phoneOpen ? texts.closePhone : texts.openPhone,
            icon: Smartphone,
            run: () => setScreen({ phoneOpen: !phoneOpen }),
          },
        ]
      : []),
    ...themes.map(
      ({ theme, label, icon }): Command => ({
        id: `theme ${theme}`,
        group: 'more',
        label,
        icon,
        run: () => changePreferences({ theme }, { onError: toastError }),
      }),
    ),
    ...languages.map(
      (language): Command => ({
        id: `language ${language}`,
        group: 'more',
        label: texts.language(format.languageName(language)),
        icon: Languages,
        run: () => changePreferences({ language }, { onError: toastError }),
      }),
    ),
    {
      id: 'shortcuts',
      group: 'more',
      label: texts.showShortcuts,
      icon: Keyboard,
      keys: '?',
      run: onShowShortcuts,
    },
    { id: 'tour', group: 'more', label: texts.startTour, icon: Route, run: startTour },
    {
      id: 'sign out',
      group: 'more',
      label: texts.signOut,
      icon: LogOut,
      run: () => void signOut().catch(toastError),
    },
  ];
}
