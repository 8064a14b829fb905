// The five steps: what each points at, and what must be on the screen for it.
import { useQueryClient } from '@tanstack/react-query';
import { useLocation, useNavigate } from 'react-router';
import { queryKeys } from '../../lib/query.ts';
import { setScreen } from '../../lib/store.ts';
import { useTexts } from '../../lib/texts.ts';
import { useWide } from '../../lib/use-wide.ts';
import { usePhoneAvailable } from '../phone/phone-available.ts';
import { tourTexts } from './texts.ts';

export interface TourStep {
  readonly title: string;
  readonly text: string;
  /** CSS; the first one that is shown. */
  readonly target: string;
  readonly side: 'left' | 'right' | 'top' | 'bottom';
  /** Brings the target to the screen. */
  readonly prepare: () => void;
}

interface Listed {
  readonly pages: readonly { readonly items: readonly { readonly id: string }[] }[];
}

export function useTourSteps(): readonly TourStep[] {
  const texts = useTexts(tourTexts);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const isWide = useWide();
  // A sheet would cover what the next steps point at.
  const hasPhone = usePhoneAvailable() && isWide;

  const toInbox = () => {
    if (!pathname.startsWith('/inbox')) void navigate('/inbox');
  };
  const toConversation = () => {
    if (/^\/inbox\/./.test(pathname)) return;
    const [, list] =
      queries
        .getQueriesData<Listed>({ queryKey: queryKeys.conversationLists })
        .find(([, pages]) => pages?.pages[0]?.items[0]) ?? [];
    const first = list?.pages[0]?.items[0];
    void navigate(first ? `/inbox/${first.id}` : '/inbox');
  };

  const steps: readonly (TourStep & { readonly isThere?: boolean })[] = [
    {
      title: texts.phoneTitle,
      text: texts.phoneText,
      target: '[data-tour=phone]',
      side: 'left',
      prepare: () => setScreen({ phoneOpen: true }),
      isThere: hasPhone,
    },
    {
      title: texts.listTitle,
      text: texts.listText,
      target: '[data-tour=list]',
      side: 'right',
      prepare: toInbox,
    },
    {
      title: texts.holderTitle,
      text: texts.holderText,
      target: '[data-tour=holder]',
      side: 'bottom',
      prepare: toConversation,
    },
    {
      title: texts.composeTitle,
      text: texts.composeText,
      target: '[data-tour=compose]',
      side: 'top',
      prepare: toConversation,
    },
    {
      title: texts.assistantTitle,
      text: texts.assistantText,
      target: 'nav a[href="/assistant"]',
      side: 'right',
      prepare: () => undefined,
    },
  ];
  return steps.filter(({ isThere = true }) => isThere);
}
