// Conversations and messages for component tests, and a server that answers with them.
import type { Conversation } from '@parley/contract/conversations';
import type { Message } from '@parley/contract/messages';
import { vi } from 'vitest';

const at = '2026-03-02T10:00:00.000Z';
const uuid = (name: string) => `01990000-0000-7000-8000-${name.padStart(12, '0')}`;

export function aConversation(change: Partial<Conversation> = {}): Conversation {
  return {
    id: uuid('1'),
    channelId: uuid('2'),
    contact: {
      id: uuid('3'),
      pointId: uuid('4'),
      address: '+12025550142',
      name: 'Emma Clarke',
      optedOut: false,
      aiConsent: 'unknown',
    },
    status: 'active',
    flagReason: null,
    owner: { kind: 'assistant', id: null },
    assistantPolicy: null,
    private: false,
    language: 'en',
    languageConfidence: 0.9,
    intent: null,
    mood: null,
    workflowType: null,
    workflowId: null,
    directory: { status: 'unknown', entryId: null, name: null, checkedAt: null },
    lastMessage: null,
    lastMessageAt: at,
    lastInboundAt: at,
    snoozedUntil: null,
    unread: false,
    draftCount: 0,
    createdAt: at,
    updatedAt: at,
    ...change,
  };
}

export function aMessage(change: Partial<Message> = {}): Message {
  return {
    id: uuid('a'),
    conversationId: uuid('1'),
    channelId: uuid('2'),
    direction: 'outbound',
    sender: { kind: 'member', id: 'user' },
    providerId: null,
    from: '+15005550006',
    to: '+12025550142',
    body: 'Hello',
    status: 'sent',
    failure: null,
    encoding: 'GSM-7',
    segments: 1,
    price: null,
    media: [],
    runId: null,
    sendAt: null,
    createdAt: at,
    updatedAt: at,
    ...change,
  };
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly key: string | null;
}

interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

/** Answers every call of the API, and remembers it. Undo with `vi.unstubAllGlobals`. */
export function serve(answer: (call: Call) => Answer | undefined): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    const call: Call = {
      method: init.method ?? 'GET',
      path,
      body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined,
      key: headers.get('idempotency-key'),
    };
    calls.push(call);
    const { status = 200, body } = answer(call) ?? {
      status: 404,
      body: anError('not_found', 'There is none.'),
    };
    return new Response(status === 204 ? null : JSON.stringify(body), { status });
  });
  return calls;
}

export const anError = (code: string, message: string) => ({
  error: { code, message, timestamp: at, requestId: 'request' },
});
