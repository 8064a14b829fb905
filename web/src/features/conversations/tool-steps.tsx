// The calls of tools in a turn, each with what it was called with and what came of it.
import type { ConfirmationState, ToolStep } from '@parley/contract/tools';
import { Wrench } from 'lucide-react';
import { useTexts } from '../../lib/texts.ts';
import { Chip, type Tone } from '../../ui/chip.tsx';
import { ConfirmationCard, useConfirmation } from './confirmations.tsx';
import { toolNames } from './texts-tool-names.ts';
import { toolStepTexts } from './texts-tool-steps.ts';

const tones: Readonly<Record<ToolStep['state'] | 'confirmed' | 'expired' | 'unknown', Tone>> = {
  begun: 'info',
  waiting: 'warning',
  confirmed: 'info',
  done: 'success',
  refused: 'neutral',
  failed: 'danger',
  expired: 'neutral',
  unknown: 'warning',
};

export function ToolSteps({ steps }: { steps: readonly ToolStep[] }) {
  const texts = useTexts(toolStepTexts);
  return (
    <ol aria-label={texts.did} className="flex flex-col gap-1">
      {steps.map((step) => (
        <li key={step.id}>
          {step.state === 'waiting' && step.confirmationId ? (
            <WaitingStep step={step} confirmationId={step.confirmationId} />
          ) : (
            <Step step={step} state={step.errorCode === 'outcome_unknown' ? 'unknown' : step.state} />
          )}
        </li>
      ))}
    </ol>
  );
}

const stateOfStep: Readonly<Record<ConfirmationState, keyof typeof tones>> = {
  waiting: 'waiting',
  confirmed: 'confirmed',
  running: 'begun',
  done: 'done',
  failed: 'failed',
  refused: 'refused',
  expired: 'expired',
};

/** The step was written down when it began to wait; what became of it since, its confirmation knows. */
function WaitingStep({ step, confirmationId }: { step: ToolStep; confirmationId: string }) {
  const confirmation = useConfirmation(confirmationId);
  const state = confirmation ? stateOfStep[confirmation.state] : 'waiting';
  return (
    <>
      <Step step={{ ...step, result: confirmation?.result ?? step.result }} state={state} />
      {confirmation?.state === 'waiting' && (
        <div className="mt-1 mb-2">
          <ConfirmationCard confirmation={confirmation} />
        </div>
      )}
    </>
  );
}

function Step({ step: { tool, input, result }, state }: { step: ToolStep; state: keyof typeof tones }) {
  const texts = useTexts(toolStepTexts);
  const names: Readonly<Record<string, string>> = useTexts(toolNames);
  return (
    <details>
      <summary className="flex cursor-pointer items-center gap-2 rounded-small phone:min-h-11">
        <Wrench size={14} aria-hidden="true" className="shrink-0 text-text-muted" />
        <span className="min-w-0 grow truncate font-medium">{names[tool] ?? tool}</span>
        <Chip tone={tones[state]}>{texts[state]}</Chip>
      </summary>
      <dl className="mt-1 mb-2 pl-5.5">
        <dt className="text-text-muted">{texts.calledWith}</dt>
        <dd className="max-h-24 overflow-y-auto whitespace-pre-wrap break-words">{input}</dd>
        {result !== null && (
          <>
            <dt className="text-text-muted">{texts.told}</dt>
            <dd className="max-h-40 overflow-y-auto whitespace-pre-wrap break-words">{result}</dd>
          </>
        )}
      </dl>
    </details>
  );
}
