// A labelled place for one value: joins label, hint and error to whatever control stands in it.
import { CircleAlert } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { useTexts } from '../lib/texts.ts';
import { sharedTexts } from '../lib/texts-shared.ts';
import { FieldContext, type FieldControl } from './field-control.ts';

export interface FieldProps {
  label: string;
  /** What to know before. */
  hint?: ReactNode;
  /** What is wrong, and what would be right. */
  error?: string | null;
  optional?: boolean;
  /** One control of this folder. */
  children: ReactNode;
  className?: string;
}

export function Field({ label, hint, error, optional = false, children, className }: FieldProps) {
  const id = useId();
  const texts = useTexts(sharedTexts);
  const control: FieldControl = {
    id,
    'aria-describedby': [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined,
    'aria-invalid': error ? true : undefined,
  };
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block font-medium text-body">
        {label}
        {optional && <span className="font-normal text-meta text-text-muted"> ({texts.optional})</span>}
      </label>
      <FieldContext value={control}>{children}</FieldContext>
      {hint && (
        <p id={`${id}-hint`} className="mt-1 text-meta text-text-muted">
          {hint}
        </p>
      )}
      {/* Always there, so that a screen reader hears an error that comes later. */}
      <p
        id={`${id}-error`}
        role="alert"
        className="empty:hidden mt-1 flex gap-1.5 text-danger-text text-meta"
      >
        {error && (
          <>
            <CircleAlert size={16} aria-hidden="true" className="mt-px shrink-0" />
            {error}
          </>
        )}
      </p>
    </div>
  );
}
