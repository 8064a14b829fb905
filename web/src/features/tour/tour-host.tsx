// Offers the tour once to who has not had it, and loads it only then.
import { lazy, Suspense, useEffect, useRef } from 'react';
import { useLocation } from 'react-router';
import { usePreferences } from '../../lib/preferences.ts';
import { startTour, useTourStep } from './tour-state.ts';

const Tour = lazy(async () => ({ default: (await import('./tour.tsx')).Tour }));

/** The page comes first. */
const afterMs = 1200;

export function TourHost() {
  const tourDone = usePreferences()?.tourDone;
  const isRunning = useTourStep(({ step }) => step !== null);
  const isInbox = useLocation().pathname.startsWith('/inbox');
  const offered = useRef(false);
  useEffect(() => {
    if (tourDone !== false || !isInbox || offered.current) return;
    const timer = setTimeout(() => {
      // Nobody is pulled out of what they do.
      // The page itself has the focus where it was gone to.
      const focused = document.activeElement;
      if (focused && focused !== document.body && focused.id !== 'main') return;
      offered.current = true;
      startTour();
    }, afterMs);
    return () => clearTimeout(timer);
  }, [tourDone, isInbox]);
  if (!isRunning) return null;
  return (
    <Suspense>
      <Tour />
    </Suspense>
  );
}
