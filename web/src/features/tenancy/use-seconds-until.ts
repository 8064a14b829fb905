// Whole seconds until a moment; renewed as they pass.
import { useEffect, useState } from 'react';

/** 0 where there is none, or it has passed. */
export function useSecondsUntil(moment: string | undefined): number {
  const left = () => Math.max(0, Math.ceil((Date.parse(moment ?? '') - Date.now()) / 1000)) || 0;
  const [seconds, setSeconds] = useState(left);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is left follows from the moment
  useEffect(() => {
    setSeconds(left());
    const timer = setInterval(() => setSeconds(left()), 1000);
    return () => clearInterval(timer);
  }, [moment]);
  return seconds;
}
