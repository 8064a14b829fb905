// Puts the caret where it belongs once the field has its new words; a moment later the next key would be typed elsewhere.
import { type RefObject, useLayoutEffect, useRef } from 'react';

/** @returns says where the caret stands after the next change, and focuses the field */
export function useCaret(field: RefObject<HTMLTextAreaElement | null>): (at: number) => void {
  const wanted = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    const at = wanted.current;
    wanted.current = null;
    field.current?.focus();
    field.current?.setSelectionRange(at, at);
  });
  return (at) => {
    wanted.current = at;
  };
}
