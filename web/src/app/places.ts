// The places of the app, in the order of the rail.
import {
  Bot,
  ChartColumn,
  Inbox,
  type LucideIcon,
  MessagesSquare,
  RadioTower,
  Settings,
  Users,
} from 'lucide-react';
import { useMemo } from 'react';
import { useTexts } from '../lib/texts.ts';
import { appTexts } from './texts.ts';

export interface Place {
  readonly path: string;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly keys: string;
}

export function usePlaces(): readonly Place[] {
  const texts = useTexts(appTexts);
  return useMemo(
    () => [
      { path: '/inbox', label: texts.inbox, icon: Inbox, keys: 'g i' },
      { path: '/chat', label: texts.chat, icon: MessagesSquare, keys: 'g t' },
      { path: '/assistant', label: texts.assistant, icon: Bot, keys: 'g a' },
      { path: '/channels', label: texts.channels, icon: RadioTower, keys: 'g c' },
      { path: '/analytics', label: texts.analytics, icon: ChartColumn, keys: 'g n' },
      { path: '/people', label: texts.people, icon: Users, keys: 'g p' },
      { path: '/settings', label: texts.settings, icon: Settings, keys: 'g s' },
    ],
    [texts],
  );
}
