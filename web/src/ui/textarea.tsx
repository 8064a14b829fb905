// Several lines of text; grows with what is written, up to a limit.
import { clsx } from 'clsx';
import { type ComponentProps, useLayoutEffect, useRef } from 'react';
import { useFieldControl } from './field-control.ts';

export interface TextareaProps extends ComponentProps<'textarea'> {
  rowsMin?: number;
  rowsMax?: number;
  /** Without a border of its own, where what is around it has one. */
  bare?: boolean;
}

export function Textarea({
  rowsMin = 2,
  rowsMax = 12,
  bare = false,
  className,
  ref,
  ...rest
}: TextareaProps) {
  const own = useRef<HTMLTextAreaElement>(null);
  // Every time: what is in it may come from the caller, from typing, or from a changed width.
  useLayoutEffect(() => {
    const element = own.current;
    // What newer browsers do by themselves (field-sizing).
    if (!element || CSS.supports?.('field-sizing', 'content')) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight + element.offsetHeight - element.clientHeight}px`;
  });
  return (
    <textarea
      {...useFieldControl()}
      ref={(element) => {
        own.current = element;
        if (typeof ref === 'function') return ref(element);
        if (ref) ref.current = element;
      }}
      rows={rowsMin}
      style={{
        maxHeight: `calc(${rowsMax} * 1.45em + 1rem)`,
        minHeight: `calc(${rowsMin} * 1.45em + 0.9rem)`,
      }}
      className={clsx(
        'field-sizing-content block w-full resize-none px-2.5 py-1.5 leading-[1.45]',
        bare ? 'bg-transparent outline-none' : 'control',
        className,
      )}
      {...rest}
    />
  );
}
