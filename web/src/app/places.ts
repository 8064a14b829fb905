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
import { useSession } from '../lib/session.ts';
import { useTexts } from '../lib/texts.ts';
import { appTexts } from './texts.ts';

export interface Place {
  readonly path: string;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly keys: string;
}

/** What of a place's own parts is open to whom; one of them is enough. A place without any is everybody's. */
const needed: Readonly<Record<string, readonly string[]>> = {
  '/inbox': ['conversations:read'],
  '/chat': ['chat:use'],
  '/assistant': ['assistant:read', 'assistant:manage', 'conversations:read'],
  '/channels': ['channels:read'],
  '/analytics': ['conversations:read'],
  '/people': ['members:read', 'keys:manage', 'audit:read'],
};

/** Those that the member may open; the first is where they land. */
export function usePlaces(): readonly Place[] {
  const texts = useTexts(appTexts);
  const { permissions } = useSession();
  return useMemo(
    () =>
      [
        { path: '/inbox', label: texts.inbox, icon: Inbox, keys: 'g i' },
        { path: '/chat', label: texts.chat, icon: MessagesSquare, keys: 'g t' },
        { path: '/assistant', label: texts.assistant, icon: Bot, keys: 'g a' },
        { path: '/channels', label: texts.channels, icon: RadioTower, keys: 'g c' },
        { path: '/analytics', label: texts.analytics, icon: ChartColumn, keys: 'g n' },
        { path: '/people', label: texts.people, icon: Users, keys: 'g p' },
        { path: '/settings', label: texts.settings, icon: Settings, keys: 'g s' },
      ].filter(({ path }) => needed[path]?.some((permission) => permissions.has(permission)) ?? true),
    [texts, permissions],
  );
}

/** Everybody is sent to the inbox first. @returns where to instead, for who may not open it */
export const landingInstead = (places: readonly Place[], pathname: string): string | null =>
  /^\/inbox(?:\/|$)/.test(pathname) && places[0]?.path !== '/inbox' ? (places[0]?.path ?? null) : null;
