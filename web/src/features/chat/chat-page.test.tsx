import type { ChatDetail, ChatFile, ChatMessage } from '@parley/contract/chat';
import { screen, waitFor, within } from '@testing-library/react';
import { Route, Routes } from 'react-router';
import { afterEach, expect, it, vi } from 'vitest';
import { type Answers, serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { ChatPage } from './chat-page.tsx';

afterEach(() => vi.unstubAllGlobals());

const createdAt = '2026-11-29T12:00:00.000Z';
const chat = (id: string, title: string): ChatDetail => ({
  id,
  title,
  createdAt,
  updatedAt: createdAt,
  messages: [answerIn(id)],
});
const answerIn = (chatId: string): ChatMessage => ({
  id: `answer in ${chatId}`,
  chatId,
  parentId: null,
  role: 'assistant',
  text: `Said in ${chatId}`,
  state: 'done',
  take: 1,
  siblings: [`answer in ${chatId}`],
  files: [],
  steps: [],
  notices: [],
  model: null,
  reasons: [],
  readPassages: [],
  inputTokens: null,
  outputTokens: null,
  costMicros: null,
  durationMs: null,
  errorCode: null,
  createdAt,
});

const menuFile: ChatFile = {
  id: 'file',
  name: 'menu.txt',
  contentType: 'text/plain',
  bytes: 4,
  kind: 'document',
  state: 'ready',
  error: null,
};

/** The server's answer to one upload. */
class Upload extends EventTarget {
  readonly upload = {};
  readonly status = 201;
  readonly responseText = JSON.stringify(menuFile);
  onload: (() => void) | null = null;
  open() {}
  abort() {}
  setRequestHeader() {}
  getResponseHeader() {
    return null;
  }
  send() {
    this.onload?.();
  }
}

function open(path: string, answers: Answers) {
  vi.stubGlobal('XMLHttpRequest', Upload);
  const asked = serve({
    'GET /api/v1/chats': {
      items: [chat('a', 'Bread'), chat('b', 'Cake')].map(({ messages: _, ...item }) => item),
      nextCursor: null,
    },
    'GET /api/v1/chats/a': chat('a', 'Bread'),
    'GET /api/v1/chats/b': chat('b', 'Cake'),
    'GET /api/v1/chats/c': chat('c', 'Tea'),
    'GET /api/v1/chat-files/file': menuFile,
    ...answers,
  });
  const page = (
    <Routes>
      <Route path="/chat/:chatId?" element={<ChatPage />} />
    </Routes>
  );
  const { user } = renderInApp(page, { path, permissions: ['chat:use'] });
  const said = () => asked.filter(({ method }) => method === 'POST');
  const lists = () => asked.filter(({ method, path }) => method === 'GET' && /chats(\?|$)/.test(path));
  const send = () => screen.getByRole('button', { name: 'Send' });
  const attach = () => user.upload(screen.getByLabelText('Attach files', { selector: 'input' }), menu());
  return { user, said, lists, send, attach };
}
const menu = () => new File(['soup'], 'menu.txt', { type: 'text/plain' });
const title = (name: string) => screen.findByRole('heading', { level: 1, name });
const chosen = async (name: string) =>
  within(screen.getByRole('region', { name: 'Chats' })).findByRole('link', { name: new RegExp(name) });

it('nothing is sent into a chat that is not there yet, and then it follows what was said last', async () => {
  const loaded = Promise.withResolvers<ChatDetail>();
  const { user, said, send } = open('/chat/a', {
    'GET /api/v1/chats/a': () => loaded.promise,
    'POST /api/v1/chats/a/messages': chat('a', 'Bread'),
  });
  await user.type(await screen.findByRole('textbox'), 'And rolls?{Enter}');
  expect(send()).toHaveProperty('disabled', true);
  expect(said()).toEqual([]);
  loaded.resolve(chat('a', 'Bread'));
  await screen.findByText('Said in a');
  await user.click(send());
  await waitFor(() => expect(said()).toMatchObject([{ body: { parentId: 'answer in a' } }]));
});

it('files stay with the chat that they were attached in', async () => {
  const { user, attach } = open('/chat/a', {});
  await title('Bread');
  await attach();
  expect(await screen.findByText('menu.txt')).toBeTruthy();
  await user.click(await chosen('Cake'));
  await title('Cake');
  expect(screen.queryByText('menu.txt')).toBeNull();
});

it('a chat that begins keeps what was attached meanwhile, and pulls nobody back who has left', async () => {
  const begun = [Promise.withResolvers<ChatDetail>(), Promise.withResolvers<ChatDetail>()] as const;
  let count = 0;
  const { user, said, lists, send, attach } = open('/chat/new', {
    'POST /api/v1/chats': () => begun[count++]?.promise,
  });
  await user.type(await screen.findByRole('textbox'), 'Tea?');
  await user.click(send());
  await attach();
  begun[0].resolve(chat('c', 'Tea'));
  await title('Tea');
  expect(screen.getByText('menu.txt')).toBeTruthy();

  await user.click(screen.getByRole('link', { name: 'New chat' }));
  await title('New chat');
  expect(screen.queryByText('menu.txt')).toBeNull();
  await user.type(screen.getByRole('textbox'), 'Coffee?');
  await user.click(send());
  await waitFor(() => expect(said()).toHaveLength(2));
  await user.click(await chosen('Cake'));
  await title('Cake');
  const before = lists().length;
  begun[1].resolve(chat('d', 'Coffee'));
  // The list is asked for anew once a chat has begun.
  await waitFor(() => expect(lists().length).toBeGreaterThan(before));
  expect(await title('Cake')).toBeTruthy();
});
