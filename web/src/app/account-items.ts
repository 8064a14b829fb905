// What a member does with their own account, from wherever they are.
import { LogOut, Monitor, Moon, Settings, Sun } from 'lucide-react';
import { useNavigate } from 'react-router';
import { useChangePreferences } from '../lib/preferences.ts';
import { useSession } from '../lib/session.ts';
import { useStart } from '../lib/start.ts';
import { type Theme, useScreen } from '../lib/store.ts';
import { useTexts } from '../lib/texts.ts';
import type { MenuProps } from '../ui/menu.tsx';
import { toastError } from '../ui/toast.tsx';
import { appTexts } from './texts.ts';

export function useAccountItems(): MenuProps['items'] {
  const texts = useTexts(appTexts);
  const navigate = useNavigate();
  const { me, user, workspace, signOut, switchWorkspace } = useSession();
  const mayMake = useStart()?.signUp;
  const theme = useScreen((screen) => screen.theme);
  const { mutate: changePreferences } = useChangePreferences();
  const choose = (next: Theme) => changePreferences({ theme: next }, { onError: toastError });
  return [
    { heading: user.email },
    { label: texts.settings, icon: Settings, onSelect: () => void navigate('/settings') },
    'line',
    ...(me.workspaces.length > 1 || mayMake
      ? [
          { heading: texts.workspaces },
          ...me.workspaces.map(({ id, name }) => ({
            label: name,
            checked: id === workspace.id,
            onSelect: () => switchWorkspace(id),
          })),
          ...(mayMake
            ? [{ label: texts.newWorkspace, onSelect: () => void navigate('/new-workspace') }]
            : []),
          'line' as const,
        ]
      : []),
    { heading: texts.theme },
    {
      label: texts.themeSystem,
      icon: Monitor,
      checked: theme === 'system',
      onSelect: () => choose('system'),
    },
    { label: texts.themeLight, icon: Sun, checked: theme === 'light', onSelect: () => choose('light') },
    { label: texts.themeDark, icon: Moon, checked: theme === 'dark', onSelect: () => choose('dark') },
    'line',
    { label: texts.signOut, icon: LogOut, onSelect: () => void signOut().catch(toastError) },
  ];
}
