import { type Module, subscribe } from '../../core/module.ts';
import { workTogether } from '../../core/queue.ts';
import { messageReceived } from '../conversations/conversations.ts';
import { messageUnderstood, understand, understandMessage } from './understanding.ts';

export const understandingModule: Module = {
  name: 'understanding',
  events: [messageUnderstood],
  jobs: [workTogether(understandMessage, understand)],
  subscriptions: [
    subscribe(messageReceived, understandMessage, ({ messageId, conversationId, answerable }) => ({
      input: { messageId, conversationId, answerable },
    })),
  ],
};
