// The versions of the model of intents: trained, measured, promoted, rolled back.
import type { IntentModel } from '@parley/contract/intent-models';
import { CircleCheck, CircleX, Download, GraduationCap } from 'lucide-react';
import { useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { Section } from '../../ui/page.tsx';
import { Progress } from '../../ui/progress.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { useIntentName } from './intent-name.ts';
import {
  useCancelTraining,
  useDownloadModel,
  useIntentModels,
  usePromote,
  useTrain,
} from './intent-queries.ts';
import { UploadButton, UploadState } from './model-file.tsx';
import { useModelUpload } from './model-upload.ts';
import { intentTexts } from './texts-intents.ts';

export function IntentModels() {
  const texts = useTexts(intentTexts);
  const mayManage = useCan('assistant:manage');
  const models = useIntentModels();
  const train = useTrain();
  const upload = useModelUpload();
  const isRunning = models.data?.some(({ state }) => state === 'running');
  return (
    <Section
      title={texts.versions}
      description={texts.versionsText}
      actions={
        mayManage && (
          <div className="flex shrink-0 flex-wrap gap-2">
            <UploadButton
              busy={upload.state === 'sending'}
              disabled={isRunning ?? false}
              onChosen={(file) => upload.send(file)}
            />
            <Button
              variant="primary"
              icon={GraduationCap}
              busy={train.isPending}
              disabled={isRunning}
              onClick={() => train.mutate(undefined)}
            >
              {texts.train}
            </Button>
          </div>
        )
      }
    >
      <UploadState upload={upload} />
      {models.isPending && <SkeletonRows rows={2} />}
      {models.isError && !models.data && (
        <ErrorState error={models.error} onRetry={() => void models.refetch()} />
      )}
      {models.data?.length === 0 && (
        <p className="text-text-muted">
          <span className="block font-medium text-text">{texts.none}</span>
          {texts.noneText}
        </p>
      )}
      {models.data && models.data.length > 0 && (
        <ul aria-label={texts.versions}>
          {models.data.map((model) => (
            <Version key={model.id} model={model} />
          ))}
        </ul>
      )}
    </Section>
  );
}

const errorCodes = [
  'one_intent',
  'too_many_examples',
  'too_many_intents',
  'took_too_long',
  'training_failed',
] as const;

function Version({ model }: { model: IntentModel }) {
  const texts = useTexts(intentTexts);
  const format = useFormat();
  const mayManage = useCan('assistant:manage');
  const cancel = useCancelTraining();
  const promote = usePromote();
  const download = useDownloadModel();
  const intentName = useIntentName();
  const { id, state, live, data, metrics, errorCode } = model;
  const name = texts.version(format.number(model.version));
  if (state === 'running') {
    return (
      <li className="flex items-end gap-3 border-line border-b py-3 last:border-0">
        <div className="grow">
          <Progress
            value={model.progress}
            label={`${name}. ${texts.training(format.percent(model.progress))}`}
          />
        </div>
        {mayManage && (
          <Button size="small" busy={cancel.isPending} onClick={() => cancel.mutate(id)}>
            {texts.cancel}
          </Button>
        )}
      </li>
    );
  }
  const known = errorCodes.find((code) => code === errorCode);
  return (
    <li className="border-line border-b py-3 last:border-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="font-medium">{name}</span>
        {live && (
          <Chip tone="success" icon={CircleCheck}>
            {texts.live}
          </Chip>
        )}
        {state === 'failed' && (
          <Chip tone="danger" icon={CircleX}>
            {texts.failed}
          </Chip>
        )}
        {state === 'canceled' && <Chip>{texts.canceled}</Chip>}
        <span className="text-meta text-text-muted">
          <Time at={model.finishedAt ?? model.startedAt} />
        </span>
        {mayManage && state === 'done' && (
          <span className="ml-auto flex gap-2">
            <Button
              size="small"
              busy={promote.isPending}
              aria-label={`${live ? texts.stop : texts.promote}: ${name}`}
              onClick={() => promote.mutate(live ? null : id)}
            >
              {live ? texts.stop : texts.promote}
            </Button>
          </span>
        )}
      </div>
      <p data-figures className="text-meta text-text-muted">
        {known && <span className="text-danger-text">{texts[known]}</span>}
        {state === 'done' && model.origin === 'imported' && texts.imported}
        {data && texts.learned(format.number(countOf(data)), format.number(data.intents))}
        {data && ' · '}
        {metrics && texts.accuracy(format.percent(metrics.accuracy))}
        {data && !metrics && texts.unmeasured}
      </p>
      {state === 'done' && (
        <Disclosure label={`${texts.figures}: ${name}`}>
          {metrics && (
            <>
              <dl className="mb-3 grid max-w-measure grid-cols-[1fr_auto] gap-x-4 gap-y-1" data-figures>
                <dt className="text-text-muted">{texts.macroF1}</dt>
                <dd className="text-right">{format.percent(metrics.macroF1)}</dd>
                <dt className="text-text-muted">{texts.calibration}</dt>
                <dd className="text-right">{format.percent(metrics.calibrationError)}</dd>
                <dt className="text-text-muted">{texts.speed}</dt>
                <dd className="text-right">
                  {texts.micros(format.number(Math.round(metrics.microsPerMessage)))}
                </dd>
              </dl>
              <Table
                caption={texts.figures}
                rows={metrics.perIntent}
                rowKey={({ intent }) => intent}
                columns={[
                  { name: 'intent', head: texts.list, cell: ({ intent }) => intentName(intent) },
                  {
                    name: 'examples',
                    head: texts.measured,
                    align: 'end',
                    cell: ({ examples }) => format.number(examples),
                  },
                  {
                    name: 'precision',
                    head: texts.precision,
                    align: 'end',
                    cell: ({ precision }) => format.percent(precision),
                  },
                  {
                    name: 'recall',
                    head: texts.recall,
                    align: 'end',
                    cell: ({ recall }) => format.percent(recall),
                  },
                ]}
              />
            </>
          )}
          {mayManage && (
            <Button
              size="small"
              icon={Download}
              className="mt-3"
              busy={download.isPending}
              onClick={() => download.mutate(model)}
            >
              {texts.download}
            </Button>
          )}
        </Disclosure>
      )}
    </li>
  );
}

const countOf = ({ starter, written, corrected }: NonNullable<IntentModel['data']>) =>
  starter + written + corrected;
