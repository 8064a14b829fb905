// Asks a model for a word, and shows how long it took and what it said. Whoever does not want to wait can stop.
import type { ModelTest } from '@parley/contract/models';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, CircleX, FlaskConical, LoaderCircle } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { api } from '../../lib/api.ts';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { toastError } from '../../ui/toast.tsx';
import { modelsKey } from './model-queries.ts';
import { modelTexts } from './texts-models.ts';

export function ModelTestPanel({ modelId }: { modelId: string }) {
  const texts = useTexts(modelTexts);
  const client = useQueryClient();
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), []);
  const test = useMutation({
    mutationFn: () => {
      controller.current = new AbortController();
      return api.post<ModelTest>(`/api/v1/models/${modelId}/tests`, undefined, {
        signal: controller.current.signal,
      });
    },
    onError: (error) => {
      if (!controller.current?.signal.aborted) toastError(error);
    },
    // It counts like any other question: the figures beside it have moved.
    onSettled: () => client.invalidateQueries({ queryKey: modelsKey }),
  });
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
      {test.isPending ? (
        <Button onClick={() => controller.current?.abort()}>{texts.cancelTest}</Button>
      ) : (
        <Button icon={FlaskConical} onClick={() => test.mutate()}>
          {texts.test}
        </Button>
      )}
      <p role="status" className="min-w-0">
        {test.isPending && (
          <span className="flex items-center gap-2 text-text-muted">
            <LoaderCircle size={16} aria-hidden="true" className="animate-spin" />
            {texts.testing}
          </span>
        )}
        {test.data && !test.isPending && <Result test={test.data} />}
      </p>
    </div>
  );
}

function Result({ test }: { test: ModelTest }) {
  const texts = useTexts(modelTexts);
  const format = useFormat();
  if (!test.ok) {
    return (
      <span className="flex items-start gap-2 text-danger-text">
        <CircleX size={16} aria-hidden="true" className="mt-0.5 shrink-0" />
        {test.code in texts ? texts[test.code as 'timed_out'] : test.message}
      </span>
    );
  }
  return (
    <span className="flex items-start gap-2">
      <CircleCheck size={16} aria-hidden="true" className="mt-0.5 shrink-0 text-success-text" />
      <span className="min-w-0 break-words">
        <span className="text-success-text">{texts.testAnswered(format.duration(test.durationMs))}</span>{' '}
        {test.answer}
      </span>
    </span>
  );
}
