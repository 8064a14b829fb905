// The inbox: list, thread and details; beside each other where there is room, one at a time where there is not.
import { useQueryClient } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { MessagesSquare } from 'lucide-react';
import { Suspense, useEffect, useState } from 'react';
import { lazyPart } from '../../lib/lazy-part.tsx';
import { usePageTitle } from '../../lib/page-title.ts';
import { setScreen, useScreen } from '../../lib/store.ts';
import { useTexts } from '../../lib/texts.ts';
import { useWide } from '../../lib/use-wide.ts';
import { Sheet } from '../../ui/sheet.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { usePhoneShown } from '../phone/phone-available.ts';
import { ListPane } from './list-pane.tsx';
import { useConversation } from './queries.ts';
import { showSent } from './sending.ts';
import { actionTexts } from './texts-actions.ts';
import { listTexts } from './texts-list.ts';
import { useDetailsSheet } from './use-details-sheet.ts';
import { type InboxLocation, useInboxLocation } from './use-inbox-location.ts';

// The list is there first; what is beside it comes with the next breath, before anybody has chosen.
const Thread = lazyPart(async () => (await import('./thread.tsx')).Thread);
const Details = lazyPart(async () => (await import('./details.tsx')).Details);

/** List, thread and details beside the phone's drawer need more room than alone. */
const widthPxAlone = 1024;
const widthPxWithPhone = 1680;

export function InboxPage() {
  const texts = useTexts(listTexts);
  const client = useQueryClient();
  const location = useInboxLocation();
  const { conversationId } = location;
  const isWide = useWide(usePhoneShown() ? widthPxWithPhone : widthPxAlone);
  const isFolded = useScreen((screen) => screen.detailsFolded);
  const [isSheetOpen, setSheetOpen] = useDetailsSheet();
  usePageTitle(conversationId === null ? texts.inbox : null);

  useEffect(() => showSent(client), [client]);
  useFocusOnPhone(conversationId);

  const detailsShown = isWide ? !isFolded : isSheetOpen;
  const toggleDetails = () => (isWide ? setScreen({ detailsFolded: !isFolded }) : setSheetOpen(!isSheetOpen));
  return (
    <div className="flex h-full bg-surface">
      <h1 className="sr-only">{texts.inbox}</h1>
      <div
        className={clsx(
          'w-80 shrink-0 border-line border-r min-[1025px]:w-85 phone:w-full phone:border-0',
          conversationId !== null && 'phone:hidden',
        )}
      >
        <ListPane location={location} />
      </div>
      <div className={clsx('min-w-0 grow', conversationId === null && 'phone:hidden')}>
        {conversationId === null ? (
          <div className="grid h-full place-items-center">
            <EmptyState icon={MessagesSquare} title={texts.chooseOne} text={texts.chooseOneHint} />
          </div>
        ) : (
          <Suspense fallback={<SkeletonRows />}>
            <Thread
              id={conversationId}
              location={location}
              detailsShown={detailsShown}
              onToggleDetails={toggleDetails}
            />
          </Suspense>
        )}
      </div>
      {conversationId !== null && (
        <DetailsPane
          id={conversationId}
          location={location}
          isWide={isWide}
          isShown={detailsShown}
          onClose={() => setSheetOpen(false)}
        />
      )}
    </div>
  );
}

interface DetailsPaneProps {
  readonly id: string;
  readonly location: InboxLocation;
  readonly isWide: boolean;
  readonly isShown: boolean;
  readonly onClose: () => void;
}

function DetailsPane({ id, location, isWide, isShown, onClose }: DetailsPaneProps) {
  const texts = useTexts(actionTexts);
  const { data: conversation } = useConversation(id);
  if (!conversation) return null;
  if (!isWide) {
    return (
      <Sheet open={isShown} onOpenChange={(open) => !open && onClose()} title={texts.details}>
        <Suspense fallback={<SkeletonRows />}>
          <Details conversation={conversation} location={location} />
        </Suspense>
      </Sheet>
    );
  }
  if (!isShown) return null;
  return (
    <aside
      aria-label={texts.details}
      className="w-80 shrink-0 overflow-y-auto overscroll-contain border-line border-l"
    >
      <Suspense fallback={<SkeletonRows />}>
        <Details conversation={conversation} location={location} />
      </Suspense>
    </aside>
  );
}

/** One pane at a time: the focus goes to the one that came, and back to the row that was left. */
function useFocusOnPhone(conversationId: string | null): void {
  const [before, setBefore] = useState(conversationId);
  useEffect(() => {
    if (before === conversationId) return;
    setBefore(conversationId);
    if (!matchMedia('(width <= 640px)').matches) return;
    // The list draws its rows only once it is seen again.
    let tries = 10;
    const take = () => {
      const target =
        conversationId === null
          ? document.querySelector<HTMLElement>(`[data-row="${before}"]`)
          : document.getElementById('thread-title');
      if (target) target.focus({ preventScroll: true });
      else if (tries-- > 0) requestAnimationFrame(take);
    };
    take();
  }, [before, conversationId]);
}
