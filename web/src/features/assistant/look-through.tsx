// Looking through conversations of before: how far back, how far it is, and what came of the last one.
import type { LookThrough } from '@parley/contract/knowledge-proposals';
import { useRef, useState } from 'react';
import { useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Progress } from '../../ui/progress.tsx';
import { Select } from '../../ui/select.tsx';
import { Time } from '../../ui/time.tsx';
import { useCancelLook, useLastLook, useStartLook } from './proposal-queries.ts';
import { proposalTexts } from './texts-proposals.ts';

const choices = ['7', '30', '90', '365'];

export function LookThroughPast() {
  const texts = useTexts(proposalTexts);
  const format = useFormat();
  const mayManage = useCan('assistant:manage');
  const last = useLastLook();
  const start = useStartLook();
  const cancel = useCancelLook();
  const [days, setDays] = useState('30');
  const button = useRef<HTMLButtonElement>(null);
  const look = last.data;
  const running = look?.state === 'running' ? look : null;
  return (
    <div className="flex flex-col gap-2">
      {mayManage && (
        <div className="flex flex-wrap items-end gap-2">
          <Field label={texts.past}>
            <Select
              value={days}
              options={choices.map((value) => ({
                value,
                label: texts.lastDays(format.number(Number(value))),
              }))}
              onChange={setDays}
              className="min-w-44"
            />
          </Field>
          <Button
            ref={button}
            busy={start.isPending || running !== null}
            onClick={() => start.mutate(Number(days))}
          >
            {texts.look}
          </Button>
        </div>
      )}
      {running && (
        <div className="flex items-end gap-3">
          <div className="grow">
            <Progress
              value={running.total === 0 ? 0 : running.done / running.total}
              label={texts.looking(format.number(running.done), format.number(running.total))}
            />
          </div>
          {mayManage && (
            <Button
              size="small"
              busy={cancel.isPending}
              onClick={() => {
                cancel.mutate(running.id);
                // This button goes with what it cancels.
                button.current?.focus();
              }}
            >
              {texts.cancel}
            </Button>
          )}
        </div>
      )}
      {look && !running && <LastLook look={look} />}
    </div>
  );
}

function LastLook({ look: { state, done, found, finishedAt, startedAt } }: { look: LookThrough }) {
  const texts = useTexts(proposalTexts);
  const format = useFormat();
  return (
    <p role="status" data-figures className="text-meta text-text-muted">
      {state === 'canceled' && `${texts.lookCanceled} `}
      {state === 'failed' && <span className="text-danger-text">{texts.lookFailed} </span>}
      {texts.lookDone(format.number(done), format.number(found))} <Time at={finishedAt ?? startedAt} />
    </p>
  );
}
