import { type Module, subscribe } from '../../core/module.ts';
import { work, workTogether } from '../../core/queue.ts';
import { messageReceived } from '../conversations/conversations.ts';
import { ask } from './ask-operator-models.ts';
import { datesPlace, messageCorrected } from './insights.ts';
import {
  askForChecks,
  checkDrift,
  checkIntentDrift,
  intentsDrifted,
  watchIntents,
} from './intent-drift/drift.ts';
import { registerIntentDriftRoutes } from './intent-drift/routes.ts';
import { registerIntentModelRoutes } from './intent-models/routes.ts';
import { intentModelChanged, intentModelPlace } from './intent-models/rows.ts';
import { train, trainIntents } from './intent-models/training.ts';
import { registerIntentRoutes } from './intent-routes.ts';
import { examplePlace, intentsChanged } from './intents.ts';
import { askOperatorModels, understandMessage } from './jobs.ts';
import { registerInsightRoutes } from './routes.ts';
import { stored } from './stored.ts';
import { contactAngered, messageUnderstood, understand } from './understanding.ts';

export const understandingModule: Module = {
  name: 'understanding',
  routes: async (server) => {
    registerInsightRoutes(server);
    registerIntentRoutes(server);
    await registerIntentModelRoutes(server);
    registerIntentDriftRoutes(server);
  },
  events: [
    messageUnderstood,
    contactAngered,
    messageCorrected,
    intentsChanged,
    intentModelChanged,
    intentsDrifted,
  ],
  jobs: [
    workTogether(understandMessage, understand),
    work(askOperatorModels, ask),
    work(trainIntents, train),
    work(checkIntentDrift, checkDrift),
    work(watchIntents, askForChecks),
  ],
  schedules: [{ job: watchIntents, cron: '29 * * * *', input: {} }],
  stored,
  sealed: [
    {
      table: 'intent_models',
      column: 'file',
      key: ['id'],
      place: (row) => intentModelPlace(String(row.id)),
    },
    {
      table: 'intent_examples',
      column: 'text',
      key: ['id'],
      place: (row) => examplePlace(String(row.id)),
    },
    {
      table: 'insights',
      column: 'dates',
      key: ['message_id'],
      place: (row) => datesPlace(String(row.message_id)),
    },
  ],
  subscriptions: [
    subscribe(messageReceived, understandMessage, ({ messageId, conversationId, answerable }) => ({
      input: { messageId, conversationId, answerable },
    })),
    // What was found of the model before says nothing of the one that was promoted.
    subscribe(intentModelChanged, checkIntentDrift, ({ live }, tx) =>
      live ? { input: {}, options: { key: tx.workspaceId } } : null,
    ),
  ],
};
