// The field of the compose box: grows, keeps its words, offers what can be completed, and sends with the key that the member
// chose.
import { clsx } from 'clsx';
import { type ReactNode, type RefObject, useEffect, useId, useState } from 'react';
import { useScreen } from '../../lib/store.ts';
import { Textarea } from '../../ui/textarea.tsx';

export interface Suggestion {
  readonly id: string;
  readonly label: string;
  readonly detail?: string;
  readonly choose: () => void;
}

interface WriteAreaProps {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string, caret: number) => void;
  readonly onSubmit: () => void;
  readonly onTyping: (isWriting: boolean) => void;
  /** What could be meant by what stands before the caret; undefined: nothing is asked for. */
  readonly suggestions: readonly Suggestion[] | undefined;
  readonly suggestionsLabel: string;
  readonly noneText: string;
  readonly maxLength?: number;
  readonly tone?: 'reply' | 'note';
  readonly children: ReactNode;
}

/** Whether Enter sends: as the member chose, else where there is a keyboard. */
export function useEnterSends(): boolean {
  return useScreen((screen) => screen.enterSends) ?? !matchMedia('(pointer: coarse)').matches;
}

export function WriteArea(props: WriteAreaProps) {
  const { field, label, value, onChange, onSubmit, onTyping, suggestions, suggestionsLabel, noneText } =
    props;
  const id = useId();
  const enterSends = useEnterSends();
  const [marked, setMarked] = useState(0);
  const [dismissed, setDismissed] = useState<string | null>(null);
  const isOpen = suggestions !== undefined && dismissed !== value;
  const options = isOpen ? suggestions : [];
  const at = Math.min(marked, Math.max(0, options.length - 1));

  // biome-ignore lint/correctness/useExhaustiveDependencies: another word begins at the first again
  useEffect(() => setMarked(0), [value]);

  const onKeyDown = (event: React.KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (isOpen && options.length > 0) {
      const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
      if (step !== 0) {
        event.preventDefault();
        setMarked((at + step + options.length) % options.length);
        return;
      }
      if ((event.key === 'Enter' && !event.shiftKey) || event.key === 'Tab') {
        event.preventDefault();
        options[at]?.choose();
        return;
      }
    }
    if (event.key === 'Escape') {
      event.preventDefault();
      if (isOpen) setDismissed(value);
      // Back to where the keys move through the inbox.
      else event.currentTarget.blur();
    }
    const isAsked = event.ctrlKey || event.metaKey;
    if (event.key === 'Enter' && (isAsked || (enterSends && !event.shiftKey && !event.altKey))) {
      event.preventDefault();
      onSubmit();
    }
  };
  return (
    <div
      className={clsx(
        'relative rounded-panel border transition-colors duration-[120ms] focus-within:border-accent',
        props.tone === 'note' ? 'border-warning/40 bg-warning-soft' : 'border-line-strong bg-surface-raised',
      )}
    >
      {isOpen && (
        <div className="absolute bottom-full left-0 z-20 mb-1 max-h-72 w-full max-w-110 animate-pop-in overflow-y-auto rounded-control border border-line bg-surface-raised p-1 shadow-float">
          <div id={`${id}-list`} role="listbox" aria-label={suggestionsLabel}>
            {options.map((option, index) => (
              <div
                key={option.id}
                id={`${id}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === at}
                className={clsx(
                  'flex min-h-8 cursor-pointer items-baseline gap-2 rounded-small px-2 py-1 phone:min-h-11',
                  index === at && 'bg-surface-hover',
                )}
                onPointerMove={() => setMarked(index)}
                // Before the field loses its focus.
                onPointerDown={(event) => {
                  event.preventDefault();
                  option.choose();
                }}
              >
                <span className="shrink-0 font-medium">{option.label}</span>
                {option.detail && <span className="min-w-0 truncate text-text-muted">{option.detail}</span>}
              </div>
            ))}
          </div>
          {options.length === 0 && <p className="px-2 py-1 text-text-muted">{noneText}</p>}
        </div>
      )}
      <Textarea
        ref={field}
        bare
        aria-label={label}
        placeholder={label}
        value={value}
        rowsMin={1}
        rowsMax={10}
        maxLength={props.maxLength}
        enterKeyHint={enterSends ? 'send' : 'enter'}
        aria-autocomplete="list"
        aria-controls={isOpen ? `${id}-list` : undefined}
        aria-activedescendant={isOpen && options.length > 0 ? `${id}-${at}` : undefined}
        className="px-3 pt-2.5 pb-1 text-thread"
        onChange={(event) => {
          onChange(event.target.value, event.target.selectionStart);
          onTyping(event.target.value.trim() !== '');
        }}
        onBlur={() => onTyping(false)}
        onKeyDown={onKeyDown}
      />
      {props.children}
    </div>
  );
}
