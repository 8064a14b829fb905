// How each model came to answer, or did not, in words.
import type { ModelReason } from '@parley/contract/runs';
import { CircleCheck, CircleMinus, CircleX } from 'lucide-react';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { modelReasonTexts } from './texts-models.ts';

/** Says a code of the router; what has no word, a language say, stays as it is. */
export function useReasonWords(): (code: string) => string {
  const texts = useTexts(modelReasonTexts);
  return (code) => (code in texts ? texts[code as keyof typeof texts] : code);
}

const signs = {
  answered: { icon: CircleCheck, colour: 'text-success-text' },
  skipped: { icon: CircleMinus, colour: 'text-text-muted' },
  failed: { icon: CircleX, colour: 'text-danger-text' },
} as const;

export function ModelReasons({ reasons }: { reasons: readonly ModelReason[] }) {
  const word = useReasonWords();
  const format = useFormat();
  return (
    <ol className="flex flex-col gap-1.5">
      {reasons.map((reason, index) => {
        const { icon: Icon, colour } = signs[reason.decision];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a model may be asked twice
          <li key={`${reason.model} ${index}`} className="flex items-start gap-2">
            <Icon size={14} aria-hidden="true" className={`mt-0.5 shrink-0 ${colour}`} />
            <span className="min-w-0 grow">
              <span className="font-medium">{reason.modelId ? reason.model : word('builtIn')}</span>{' '}
              <span className="text-text-muted">
                {word(reason.decision)}: {word(reason.reason)}
                <Because codes={reason.because} />
              </span>
            </span>
            {reason.durationMs > 0 && (
              <span data-figures className="shrink-0 text-text-muted">
                {format.duration(reason.durationMs)}
              </span>
            )}
          </li>
        );
      })}
    </ol>
  );
}

export function Because({ codes = [] }: { codes?: readonly string[] | undefined }) {
  const word = useReasonWords();
  const format = useFormat();
  return codes.length > 0 && ` (${format.list(codes.map(word))})`;
}
