// What stays while pages change: the rail (wide) or the bottom bar (phone), the banner, the phone's drawer, the landmarks.
import { useQueryClient } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { Suspense, useEffect, useRef } from 'react';
import { Navigate, Outlet, useLocation, useMatch, useNavigate } from 'react-router';
import { OfflineBanner } from '../features/offline/offline-banner.tsx';
import { useOffline } from '../features/offline/use-offline.ts';
import { PaletteHost } from '../features/palette/palette-host.tsx';
import { usePhoneShown } from '../features/phone/phone-available.ts';
import { TourHost } from '../features/tour/tour-host.tsx';
import { lazyPart, preloadParts } from '../lib/lazy-part.tsx';
import { useArrival } from '../lib/page-title.ts';
import { usePreferences } from '../lib/preferences.ts';
import { useShortcut } from '../lib/shortcuts.ts';
import { useTexts } from '../lib/texts.ts';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { BottomBar } from './bottom-bar.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { useKeepSession } from './keep-session.ts';
import { useLiveConnection } from './live.ts';
import { landingInstead, type Place, usePlaces } from './places.ts';
import { Rail } from './rail.tsx';
import { appTexts } from './texts.ts';

const SecurityBanner = lazyPart(
  async () => (await import('../features/tenancy/security-banner.tsx')).SecurityBanner,
);
export const PhoneDrawer = lazyPart(
  async () => (await import('../features/phone/phone-drawer.tsx')).PhoneDrawer,
);

export function Shell() {
  const texts = useTexts(appTexts);
  const places = usePlaces();
  const { pathname } = useLocation();
  const landing = landingInstead(places, pathname);
  const inConversation = [useMatch('/inbox/:conversationId'), useMatch('/chat/:chatId')].some(Boolean);
  const showsPhone = usePhoneShown();
  const main = useFocusOnArrival(pathname.split('/')[1] ?? '');
  usePreferences();
  useOffline();
  useKeepSession();
  useLiveConnection();

  return (
    <div className="flex h-dvh flex-col">
      <a
        href="#main"
        className="fixed top-2 left-2 z-60 rounded-control bg-accent px-3 py-2 font-medium text-on-accent not-focus:sr-only"
      >
        {texts.skip}
      </a>
      {places.map((place) => (
        <PlaceShortcut key={place.path} place={place} />
      ))}
      <OfflineBanner />
      <Suspense>
        <SecurityBanner />
      </Suspense>
      <Arrival />
      <div className="flex min-h-0 grow">
        <Rail places={places} />
        <main ref={main} id="main" tabIndex={-1} className="min-w-0 grow outline-none">
          <ErrorBoundary resetKey={pathname}>
            <Suspense fallback={<SkeletonRows />}>
              {landing === null ? <Outlet /> : <Navigate to={landing} replace />}
              <PreloadParts />
            </Suspense>
          </ErrorBoundary>
        </main>
        {showsPhone && (
          <ErrorBoundary>
            <Suspense>
              <PhoneDrawer />
            </Suspense>
          </ErrorBoundary>
        )}
      </div>
      <PaletteHost places={places} />
      <TourHost />
      <BottomBar places={places} className={clsx('hidden', !inConversation && 'phone:flex')} />
    </div>
  );
}

/** Once the page is there and has its answers, loads what it did not need. Stands beside it, and so waits for it. */
function PreloadParts() {
  const client = useQueryClient();
  useEffect(() => preloadParts(() => client.isFetching() > 0), [client]);
  return null;
}

function PlaceShortcut({ place }: { place: Place }) {
  const texts = useTexts(appTexts);
  const navigate = useNavigate();
  useShortcut('global', place.keys, texts.goTo(place.label), () => void navigate(place.path));
  return null;
}

/** Says what was gone to, as a browser does when it loads a page. */
function Arrival() {
  return (
    <p role="status" className="sr-only">
      {useArrival(({ title }) => title)}
    </p>
  );
}

/** Takes the focus, and so a screen reader, to a page that was gone to; not to the first one. */
function useFocusOnArrival(page: string) {
  const main = useRef<HTMLElement>(null);
  const last = useRef(page);
  useEffect(() => {
    if (last.current === page) return;
    last.current = page;
    main.current?.focus({ preventScroll: true });
  }, [page]);
  return main;
}
