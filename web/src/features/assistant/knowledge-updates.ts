// Turns what the log tells of training data into what the page shows: progress at once, for an event says all of it; what
// else changed is read again, once for many events of a moment.
import type { Event } from '@parley/contract/events';
import type { TrainingData } from '@parley/contract/training-data';
import type { QueryClient } from '@tanstack/react-query';
import { queryKeys } from '../../lib/query.ts';
import { createReadAgain } from '../../lib/read-again.ts';
import { dropSource, patchSource, sourceKey, sourceListKey } from './knowledge-queries.ts';
import { vectorsKey } from './vector-queries.ts';

export interface KnowledgeUpdates {
  /** Events in the order of the log. */
  hear(events: readonly Event[]): void;
  /** Everything may have changed. */
  refresh(): void;
}

/** The payload, as the server's own definition says. */
interface Told extends Pick<TrainingData, 'state' | 'progress'> {
  readonly trainingDataId: string;
  readonly change: 'created' | 'updated' | 'deleted' | 'progressed';
}

export function createKnowledgeUpdates(client: QueryClient): KnowledgeUpdates {
  const readAgain = createReadAgain(client);

  const hearOne = ({ payload }: Event): void => {
    const { trainingDataId: id, change, state, progress } = payload as unknown as Told;
    if (change === 'deleted') {
      dropSource(client, id);
      void client.invalidateQueries({ queryKey: sourceKey(id) });
      return;
    }
    patchSource(client, id, { state, progress });
    if (change === 'progressed') return;
    void client.invalidateQueries({ queryKey: sourceKey(id) });
    void readAgain(sourceListKey);
  };

  return {
    hear: (events) => {
      for (const event of events) {
        if (event.type === 'training_data.changed') hearOne(event);
        if (event.type === 'knowledge.vectors_changed') void readAgain(vectorsKey);
      }
    },
    refresh: () => void client.invalidateQueries({ queryKey: queryKeys.knowledge }),
  };
}
