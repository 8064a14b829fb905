// The tour: a card beside each thing that it speaks of. It takes the focus and gives it back, and blocks nothing: who would
// rather try things does so while it waits.
import { Popover } from 'radix-ui';
import { useEffect, useRef, useState } from 'react';
import { useChangePreferences } from '../../lib/preferences.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { type TourStep, useTourSteps } from './steps.ts';
import { tourTexts } from './texts.ts';
import { useTourStep } from './tour-state.ts';

/** A page that is loaded for a step takes its time; after that the card stands by itself. */
const targetMsMax = 3000;

export function Tour() {
  const steps = useTourSteps();
  const { mutate: changePreferences } = useChangePreferences();
  const number = useTourStep(({ step }) => step) ?? 0;
  const step = steps[Math.min(number, steps.length - 1)];
  const returnFocus = useReturnFocus();
  if (!step) return null;
  const end = () => {
    useTourStep.setState({ step: null });
    // What cannot be kept now is offered again another day.
    changePreferences({ tourDone: true });
    returnFocus();
  };
  return (
    <StepCard
      key={step.target}
      step={step}
      number={number + 1}
      count={steps.length}
      onGo={(next) => (next > steps.length ? end() : useTourStep.setState({ step: next - 1 }))}
      onEnd={end}
    />
  );
}

interface StepCardProps {
  step: TourStep;
  /** From 1. */
  number: number;
  count: number;
  onGo: (number: number) => void;
  onEnd: () => void;
}

function StepCard({ step, number, count, onGo, onEnd }: StepCardProps) {
  const texts = useTexts(tourTexts);
  const target = useTarget(step);
  const next = useRef<HTMLButtonElement>(null);
  if (target === 'looking') return null;
  const beside = target && !fillsScreen(target) ? target : null;
  return (
    <Popover.Root open>
      {beside ? (
        <Popover.Anchor virtualRef={{ current: beside }} />
      ) : (
        <Popover.Anchor className="fixed bottom-16 left-1/2" />
      )}
      {target && <Ring target={target} />}
      <Popover.Portal>
        <Popover.Content
          key={step.target}
          side={beside ? step.side : 'top'}
          sideOffset={14}
          collisionPadding={12}
          aria-labelledby="tour-title"
          aria-describedby="tour-text"
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            next.current?.focus({ preventScroll: true });
          }}
          onCloseAutoFocus={(event) => event.preventDefault()}
          onEscapeKeyDown={onEnd}
          onInteractOutside={(event) => event.preventDefault()}
          className="z-50 w-76 max-w-[calc(100vw-1.5rem)] animate-pop-in rounded-panel border border-line bg-surface-raised p-4 shadow-float outline-none"
        >
          <p data-figures className="text-meta text-text-muted">
            {texts.tour} · {texts.of(number, count)}
          </p>
          <h2 id="tour-title" className="mt-0.5 font-semibold text-title">
            {step.title}
          </h2>
          <p id="tour-text" className="mt-1 text-text-muted">
            {step.text}
          </p>
          <div className="mt-4 flex items-center gap-1">
            {number < count && (
              <Button size="small" variant="bare" className="-ml-2.5 text-text-muted" onClick={onEnd}>
                {texts.skip}
              </Button>
            )}
            <span className="grow" />
            {number > 1 && (
              <Button size="small" variant="bare" onClick={() => onGo(number - 1)}>
                {texts.back}
              </Button>
            )}
            <Button ref={next} size="small" variant="primary" onClick={() => onGo(number + 1)}>
              {number < count ? texts.next : texts.finish}
            </Button>
          </div>
          {beside && <Popover.Arrow className="fill-surface-raised" width={14} height={7} />}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** Beside it there is no room for a card. */
function fillsScreen(target: Element): boolean {
  const { width, height } = target.getBoundingClientRect();
  return width > window.innerWidth * 0.8 && height > window.innerHeight * 0.6;
}

/** Drawn over the target, and transparent to every click. */
function Ring({ target }: { target: Element }) {
  const [box, setBox] = useState(() => target.getBoundingClientRect());
  useEffect(() => {
    const measure = () => setBox(target.getBoundingClientRect());
    const observer = new ResizeObserver(measure);
    observer.observe(target);
    window.addEventListener('resize', measure);
    document.addEventListener('scroll', measure, { capture: true, passive: true });
    // A pane that slides in ends somewhere else than it began.
    document.addEventListener('animationend', measure);
    return () => {
      observer.disconnect();
      window.removeEventListener('resize', measure);
      document.removeEventListener('scroll', measure, { capture: true });
      document.removeEventListener('animationend', measure);
    };
  }, [target]);
  return (
    <span
      aria-hidden="true"
      style={{ left: box.left, top: box.top, width: box.width, height: box.height }}
      className="pointer-events-none fixed z-40 animate-fade-in rounded-control outline-2 outline-accent -outline-offset-2"
    />
  );
}

/** What the step points at, as soon as it is on the screen; null when it did not come. */
function useTarget({ target, prepare }: TourStep): Element | null | 'looking' {
  const [found, setFound] = useState<Element | null | 'looking'>('looking');
  const begin = useRef(prepare);
  useEffect(() => {
    begin.current();
    const look = () => {
      const element = [...document.querySelectorAll(target)].find((each) => each.getClientRects().length > 0);
      if (element) setFound(element);
      return element !== undefined;
    };
    if (look()) return;
    const observer = new MutationObserver(() => {
      if (look()) stop();
    });
    observer.observe(document.body, { childList: true, subtree: true });
    const timer = setTimeout(() => {
      setFound(null);
      stop();
    }, targetMsMax);
    const stop = () => {
      observer.disconnect();
      clearTimeout(timer);
    };
    return stop;
  }, [target]);
  return found;
}

/** Remembers who had the focus before the tour. */
function useReturnFocus(): () => void {
  const [before] = useState(() => document.activeElement);
  return () => {
    const place = before?.isConnected && before !== document.body ? before : document.getElementById('main');
    if (place instanceof HTMLElement) place.focus({ preventScroll: true });
  };
}
