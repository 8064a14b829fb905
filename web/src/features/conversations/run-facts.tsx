// Why the assistant answered so, or would: what it read, which model was chosen and why, how long it took and what it cost.
import type { Policy, ReadPassage, RunOutcome, TrialAnswer } from '@parley/contract/runs';
import type { ToolStep } from '@parley/contract/tools';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Chip } from '../../ui/chip.tsx';
import { useCost } from './cost.ts';
import { ModelReasons } from './model-reasons.tsx';
import { actionTexts } from './texts-actions.ts';
import { threadTexts } from './texts-thread.ts';
import { toolStepTexts } from './texts-tool-steps.ts';
import { ToolSteps } from './tool-steps.tsx';

type Facts = Pick<
  TrialAnswer,
  'readPassages' | 'reasons' | 'model' | 'inputTokens' | 'outputTokens' | 'costMicros'
> & {
  readonly durationMs: number | null;
  /** Absent for what called nobody: a trial, or an answer to a member. */
  readonly policy?: Policy;
  readonly outcome?: RunOutcome | null;
  readonly support?: number | null;
  /** Absent where they are shown elsewhere. */
  readonly steps?: readonly ToolStep[];
};

interface RunFactsProps {
  readonly run: Facts;
  /** Shows the words of a passage that the answer names. */
  readonly quote?: (passage: ReadPassage) => ReactNode;
}

export function RunFacts({ run, quote }: RunFactsProps) {
  const texts = useTexts(threadTexts);
  const actions = useTexts(actionTexts);
  const stepTexts = useTexts(toolStepTexts);
  const format = useFormat();
  const cost = useCost();
  const policy = run.policy ?? null;
  const policies = { auto: actions.policyAuto, draft: actions.policyDraft, off: actions.policyOff };
  return (
    <div className="flex flex-col gap-3">
      <section>
        <h3 className="mb-1 font-semibold">{texts.passages}</h3>
        {policy !== null && run.outcome === 'handed_over' && <p>{texts.whyHandedOver}</p>}
        {run.readPassages.length === 0 ? (
          <p className="text-text-muted">{texts.noPassages}</p>
        ) : (
          <ol aria-label={texts.passages} className="flex flex-col gap-1">
            {run.readPassages.map((passage) => (
              <li key={`${passage.textId} ${passage.passageId}`}>
                <div className="flex items-center gap-2">
                  <Link
                    to={`/assistant/knowledge/${passage.textId}#${passage.passageId}`}
                    title={passage.title}
                    className="relative min-w-0 grow truncate underline decoration-line-strong underline-offset-2 after:absolute after:-inset-3 hover:decoration-current"
                  >
                    {passage.title}
                  </Link>
                  {passage.cited && <Chip tone="accent">{texts.cited}</Chip>}
                  <span data-figures className="shrink-0 text-text-muted">
                    {passage.support === undefined
                      ? format.number(Math.round(passage.score * 100) / 100)
                      : format.percent(passage.support)}
                  </span>
                </div>
                {passage.cited && quote?.(passage)}
              </li>
            ))}
          </ol>
        )}
      </section>
      {run.steps && run.steps.length > 0 && (
        <section className="border-line border-t pt-2">
          <h3 className="mb-1 font-semibold">{stepTexts.did}</h3>
          <ToolSteps steps={run.steps} />
        </section>
      )}
      {run.reasons.length > 0 && (
        <section className="border-line border-t pt-2">
          <h3 className="mb-1 font-semibold">{texts.modelReasons}</h3>
          <ModelReasons reasons={run.reasons} />
        </section>
      )}
      <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-1 border-line border-t pt-2" data-figures>
        {typeof run.support === 'number' && (
          <>
            <dt className="text-text-muted">{texts.support}</dt>
            <dd>{format.percent(run.support)}</dd>
          </>
        )}
        <dt className="text-text-muted">{texts.model}</dt>
        <dd>{run.model ?? texts.builtIn}</dd>
        <dt className="text-text-muted">{texts.took}</dt>
        <dd>{run.durationMs === null ? '…' : format.duration(run.durationMs)}</dd>
        <dt className="text-text-muted">{texts.cost}</dt>
        <dd>
          {cost(run.costMicros, texts.free)}
          {run.inputTokens + run.outputTokens > 0 && (
            <span className="text-text-muted">
              {' · '}
              {texts.tokens(format.number(run.inputTokens), format.number(run.outputTokens))}
            </span>
          )}
        </dd>
        {policy !== null && (
          <>
            <dt className="text-text-muted">{texts.policyThen}</dt>
            <dd>{policies[policy]}</dd>
          </>
        )}
      </dl>
    </div>
  );
}
