import { type Module, subscribe } from '../../core/module.ts';
import { work } from '../../core/queue.ts';
import { messageReceived } from '../conversations/conversations.ts';
import { messageUnderstood, understand, understandMessage } from './understanding.ts';

export const understandingModule: Module = {
  name: 'understanding',
  events: [messageUnderstood],
  jobs: [work(understandMessage, understand)],
  subscriptions: [
    subscribe(messageReceived, understandMessage, ({ messageId, conversationId, answerable }) => ({
      input: { messageId, conversationId, answerable },
    })),
  ],
};
