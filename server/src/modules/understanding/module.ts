import { type Module, subscribe } from '../../core/module.ts';
import { workTogether } from '../../core/queue.ts';
import { messageReceived } from '../conversations/conversations.ts';
import { datesPlace, messageCorrected } from './insights.ts';
import { registerInsightRoutes } from './routes.ts';
import { messageUnderstood, understand, understandMessage } from './understanding.ts';

export const understandingModule: Module = {
  name: 'understanding',
  routes: registerInsightRoutes,
  events: [messageUnderstood, messageCorrected],
  jobs: [workTogether(understandMessage, understand)],
  sealed: [
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
  ],
};
