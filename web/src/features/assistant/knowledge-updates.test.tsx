import type { Event } from '@parley/contract/events';
import type { TrainingData, TrainingDataDetail } from '@parley/contract/training-data';
import { QueryObserver } from '@tanstack/react-query';
import { afterEach, expect, test, vi } from 'vitest';
import { serve } from '../../../test/fake-server.ts';
import { aSource, aSourceDetail } from '../../../test/training-data.ts';
import { createQueryClient } from '../../lib/query.ts';
import { sourceKey, sourceListKey, sourcesPath } from './knowledge-queries.ts';
import { createKnowledgeUpdates } from './knowledge-updates.ts';

afterEach(() => vi.unstubAllGlobals());

const source = aSource({ state: 'queued', passages: null, readAt: null });

const event = (payload: Record<string, unknown>, type = 'training_data.changed'): Event => ({
  sequence: 1,
  id: 'event',
  type,
  payload: { trainingDataId: source.id, version: 1, progress: null, ...payload },
  actor: { kind: 'system', id: null },
  requestId: 'request',
  occurredAt: source.createdAt,
});

function known() {
  const client = createQueryClient();
  client.setQueryData(sourceListKey, [source]);
  client.setQueryData(sourceKey(source.id), aSourceDetail(source));
  const list = () => client.getQueryData<TrainingData[]>(sourceListKey) ?? [];
  const one = () => client.getQueryData<TrainingDataDetail>(sourceKey(source.id));
  return { client, list, one, updates: createKnowledgeUpdates(client) };
}

test('the progress of a reading is shown in the list and on its page without asking the server', () => {
  const asked = serve({});
  const { list, one, updates } = known();
  const progress = { done: 3, of: 40, unit: 'pages' };
  updates.hear([event({ change: 'progressed', state: 'reading', progress })]);
  expect(list()).toMatchObject([{ state: 'reading', progress }]);
  expect(one()).toMatchObject({ state: 'reading', progress, passagesFound: [{ id: 'p1' }, { id: 'p2' }] });
  expect(asked).toEqual([]);
});

test('what was read is read again once, however many events tell of it in a moment', async () => {
  const items = [aSource()];
  const asked = serve({ [`GET ${sourcesPath}`]: { items, nextCursor: null } });
  const { client, list, updates } = known();
  const observer = new QueryObserver<TrainingData[]>(client, {
    queryKey: sourceListKey,
    queryFn: async () => (await (await fetch(sourcesPath)).json()).items,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const stop = observer.subscribe(() => undefined);
  updates.hear(Array.from({ length: 50 }, () => event({ change: 'updated', state: 'ready' })));
  await vi.waitFor(() => expect(list()).toEqual(items));
  await vi.waitFor(() => expect(client.isFetching()).toBe(0));
  expect(asked.length).toBeLessThanOrEqual(2);
  stop();
});

test('what a colleague deleted is gone from the list', () => {
  const { list, updates } = known();
  updates.hear([event({ change: 'deleted', state: 'ready' })]);
  expect(list()).toEqual([]);
});

test('other events change nothing of it', () => {
  const { list, updates } = known();
  updates.hear([event({ change: 'updated', state: 'ready' }, 'knowledge.changed')]);
  expect(list()).toEqual([source]);
});
