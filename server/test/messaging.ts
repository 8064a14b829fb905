// A workspace with one simulated number and a silent assistant: where a test of messages begins.
import type { Channel, CreateChannel } from '@parley/contract/channels';
import type { Conversation } from '@parley/contract/conversations';
import type { Message, MessageDetail, MessageStatus } from '@parley/contract/messages';
import type { StoredEvent } from '../src/core/events.ts';
import type { ApiResponse, TestApp, TestWorkspace } from './harness.ts';
import type { TestTwilio } from './twilio.ts';

export interface Inbox {
  readonly workspace: TestWorkspace;
  readonly channel: Channel;
  /** Asks for a message, whatever the answer. */
  post(body: Record<string, unknown>, headers?: Record<string, string>): Promise<ApiResponse<Message>>;
  /** Asks for a message that must be taken. */
  write(to: string, body: string, more?: Record<string, unknown>): Promise<Message>;
  read(messageId: string): Promise<MessageDetail>;
  /** Resolves when the message has that status. */
  becomes(messageId: string, status: MessageStatus): Promise<MessageDetail>;
  conversations(query?: string): Promise<Conversation[]>;
  events(type: string): Promise<StoredEvent[]>;
  sql<Row>(text: string, values?: unknown[]): Promise<Row[]>;
}

export async function openInbox(
  test: TestApp,
  twilio: Pick<TestTwilio, 'connectTwilio'>,
  options: Partial<CreateChannel> & { workspaceName?: string } = {},
): Promise<Inbox> {
  const { workspaceName = 'Rosa’s Repairs', ...channelOptions } = options;
  const workspace = await test.workspace({ name: workspaceName });
  const { status } = await workspace.as('admin').put('/api/v1/assistant', {
    policy: 'off',
    persona: '',
    burstWaitMs: 0,
    repliesPerHourMax: 20,
    modelId: null,
  });
  if (status !== 200) throw new Error(`the assistant was not silenced: ${status}`);
  const channel = await twilio.connectTwilio(workspace, { country: 'US', ...channelOptions });
  const agent = workspace.as('agent');
  const inbox: Inbox = {
    workspace,
    channel,
    post: (body, headers) => agent.post<Message>('/api/v1/messages', body, headers),
    write: async (to, body, more = {}) => {
      const answer = await inbox.post({ to, body, channelId: channel.id, ...more });
      if (answer.status !== 201)
        throw new Error(`not taken: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    read: async (messageId) => (await agent.get<MessageDetail>(`/api/v1/messages/${messageId}`)).body,
    becomes: async (messageId, wanted) => {
      let last = '';
      try {
        return await test.until(`message ${messageId} to be ${wanted}`, async () => {
          const message = await inbox.read(messageId);
          last = JSON.stringify({ ...message, body: undefined });
          return message.status === wanted && message;
        });
      } catch (error) {
        throw new Error(`${(error as Error).message}; it is ${last}`);
      }
    },
    conversations: async (query = '') =>
      (await agent.get<{ items: Conversation[] }>(`/api/v1/conversations${query}`)).body.items,
    events: async (type) =>
      (await test.kernel.events.read(workspace.id, 0, 1000)).filter((event) => event.type === type),
    sql: (text, values) => workspace.ctx.transaction((tx) => tx.sql(text, values)),
  };
  return inbox;
}
