// Keeps the end of a thread in sight while it grows, unless the reader went up to read.
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

const nearPx = 80;

export interface StickToEnd {
  readonly area: RefObject<HTMLDivElement | null>;
  readonly isAtEnd: boolean;
  readonly toEnd: () => void;
}

/** @param of another one begins at its end. @param grown what makes it longer when it changes */
export function useStickToEnd(of: unknown, grown: readonly unknown[]): StickToEnd {
  const area = useRef<HTMLDivElement>(null);
  const sticks = useRef(true);
  const [isAtEnd, setAtEnd] = useState(true);
  const follow = useCallback(() => {
    const element = area.current;
    if (element && sticks.current) element.scrollTop = element.scrollHeight;
  }, []);
  const toEnd = useCallback(() => {
    sticks.current = true;
    setAtEnd(true);
    follow();
  }, [follow]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another thread
  useLayoutEffect(toEnd, [of, toEnd]);
  useLayoutEffect(follow, [...grown, follow]);
  useEffect(() => {
    const element = area.current;
    if (!element) return;
    const look = () => {
      const leftPx = element.scrollHeight - element.clientHeight - element.scrollTop;
      sticks.current = leftPx < nearPx;
      setAtEnd(sticks.current);
    };
    element.addEventListener('scroll', look, { passive: true });
    // Pictures, code and what is drawn later make it longer too.
    const observer = new ResizeObserver(follow);
    for (const child of element.children) observer.observe(child);
    return () => {
      element.removeEventListener('scroll', look);
      observer.disconnect();
    };
  }, [follow]);
  return { area, isAtEnd, toEnd };
}
