// A secret that is shown this once, with a way to take it along.
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { toastError } from '../../ui/toast.tsx';

export interface SecretOnceProps {
  label: string;
  secret: string;
  /** Where it takes the place of what had the focus. */
  autoFocus?: boolean;
}

export function SecretOnce({ label, secret, autoFocus = false }: SecretOnceProps) {
  const texts = useTexts(sharedTexts);
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      setCopied(true);
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <div className="flex items-center gap-2">
      {/* A field, so that it can be marked and copied where there is no clipboard (plain http). */}
      <input
        readOnly
        // biome-ignore lint/a11y/noAutofocus: it takes the place of what had the focus
        autoFocus={autoFocus}
        aria-label={label}
        value={secret}
        onFocus={(event) => event.target.select()}
        className="control h-9 min-w-0 grow px-2.5 font-mono text-meta"
      />
      <Button icon={copied ? Check : Copy} onClick={() => void copy()}>
        {copied ? texts.copied : texts.copy}
      </Button>
    </div>
  );
}
