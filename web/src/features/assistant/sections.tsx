// The sections of the assistant's place, in the order in which they are offered. Another one is an entry here, and its name in
// texts-sections.ts; its component draws a `SectionPage`, and may have addresses of its own below the section's.
import {
  BookOpen,
  Columns2,
  Cpu,
  History,
  ListChecks,
  type LucideIcon,
  MessageCircleQuestion,
  Route,
  Signpost,
  SlidersHorizontal,
  Wallet,
  Wrench,
} from 'lucide-react';
import { type ComponentType, lazy, useMemo } from 'react';
import { useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { sectionTexts } from './texts-sections.ts';

interface SectionEntry {
  /** Below /assistant. */
  readonly path: string;
  readonly text: keyof typeof sectionTexts.en;
  readonly icon: LucideIcon;
  readonly permission: string;
  readonly Component: ComponentType;
}

const entries: readonly SectionEntry[] = [
  {
    path: 'behaviour',
    text: 'behaviour',
    icon: SlidersHorizontal,
    permission: 'assistant:read',
    Component: lazy(async () => ({ default: (await import('./behaviour.tsx')).Behaviour })),
  },
  {
    path: 'knowledge',
    text: 'knowledge',
    icon: BookOpen,
    permission: 'assistant:read',
    Component: lazy(async () => ({ default: (await import('./knowledge-section.tsx')).KnowledgeSection })),
  },
  {
    path: 'intents',
    text: 'intents',
    icon: Signpost,
    permission: 'assistant:read',
    Component: lazy(async () => ({
      default: (await import('../understanding/intents-section.tsx')).IntentsSection,
    })),
  },
  {
    path: 'models',
    text: 'models',
    icon: Cpu,
    permission: 'assistant:read',
    Component: lazy(async () => ({ default: (await import('./models-section.tsx')).ModelsSection })),
  },
  {
    path: 'routing',
    text: 'routing',
    icon: Route,
    permission: 'assistant:read',
    Component: lazy(async () => ({ default: (await import('./routing.tsx')).Routing })),
  },
  {
    path: 'spending',
    text: 'spending',
    icon: Wallet,
    permission: 'assistant:read',
    Component: lazy(async () => ({ default: (await import('./spending.tsx')).Spending })),
  },
  {
    path: 'runs',
    text: 'runs',
    icon: History,
    permission: 'assistant:read',
    Component: lazy(async () => ({ default: (await import('./runs-section.tsx')).RunsSection })),
  },
  {
    path: 'tools',
    text: 'tools',
    icon: Wrench,
    permission: 'assistant:read',
    Component: lazy(async () => ({ default: (await import('./tools.tsx')).Tools })),
  },
  {
    path: 'try',
    text: 'playground',
    icon: MessageCircleQuestion,
    permission: 'assistant:manage',
    Component: lazy(async () => ({ default: (await import('./playground.tsx')).Playground })),
  },
  {
    path: 'cases',
    text: 'cases',
    icon: ListChecks,
    permission: 'assistant:read',
    Component: lazy(async () => ({ default: (await import('./cases.tsx')).Cases })),
  },
  {
    path: 'shadow',
    text: 'shadow',
    icon: Columns2,
    permission: 'conversations:read',
    Component: lazy(async () => ({ default: (await import('./shadow.tsx')).Shadow })),
  },
];

export interface AssistantSection extends Pick<SectionEntry, 'path' | 'icon' | 'Component'> {
  readonly label: string;
}

/** Those that the member may open. */
export function useSections(): readonly AssistantSection[] {
  const texts = useTexts(sectionTexts);
  const { permissions } = useSession();
  return useMemo(
    () =>
      entries
        .filter(({ permission }) => permissions.has(permission))
        .map(({ path, text, icon, Component }) => ({ path, label: texts[text], icon, Component })),
    [texts, permissions],
  );
}
