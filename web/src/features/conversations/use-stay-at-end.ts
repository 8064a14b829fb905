// Keeps the end of a thread in sight when what stands below it grows: a reply of many lines, the keyboard of a telephone.
import { type RefObject, useEffect } from 'react';

/** @param endThreshold nearer than this to the end is at the end, in px */
export function useStayAtEnd(scroller: RefObject<HTMLElement | null>, endThreshold: number): void {
  const element = scroller.current;
  useEffect(() => {
    if (!element) return;
    let height = element.clientHeight;
    const observer = new ResizeObserver(() => {
      const wasAtEnd = element.scrollHeight - element.scrollTop - height <= endThreshold;
      height = element.clientHeight;
      if (wasAtEnd) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [element, endThreshold]);
}
