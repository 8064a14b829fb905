import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChatDetail, ChatFile } from '@parley/contract/chat';
import type { Model } from '@parley/contract/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signInPort } from '../src/modules/tenancy/sign-in-port.ts';
import {
  type CollectionsMonitorSimulator,
  startCollectionsMonitorSimulator,
} from '../src/providers/collections-monitor/simulator.ts';
import { createOpenAiSimulator } from '../src/providers/openai-compatible/simulator.ts';
import { type ApiClient, startTestApp, type TestApp } from './harness.ts';
import { addMember } from './members.ts';
import { type Inbox, openInbox } from './messaging.ts';
import { callWebhook, inboundParameters, startTwilio, type TestTwilio, twilioAccount } from './twilio.ts';

/** Words that stand for content, one for each way in; all begin alike. */
const word = (way: string) => `quokka-${way}`;
const content = 'quokka-';
/** What stands for credentials. */
const tokens = {
  twilio: twilioAccount.authToken,
  model: 'sk-zebra-model-key-0123456789',
  directory: 'zebra-directory-token',
  metrics: 'zebra-metrics-token',
  password: 'zebra password of an owner',
  idempotency: 'zebra-idempotency-key',
  guessed: 'pk_zebraGuessedApiKey0123456789',
};
const contact = '+15557310042';
const phone = '15557310042';

const model = createOpenAiSimulator();
let twilio: TestTwilio;
let monitor: CollectionsMonitorSimulator;
let test: TestApp;
let inbox: Inbox;
/** Keys that Parley made itself while the road was travelled. */
const made: string[] = [];

beforeAll(async () => {
  await model.listen();
  model.answerWith(word('model'));
  twilio = await startTwilio();
  monitor = await startCollectionsMonitorSimulator({ token: tokens.directory });
  monitor.add({ id: 'entry-1', name: word('directory'), phone: contact });
  test = await startTestApp({
    environment: {
      ...twilio.environment,
      MONITOR_API_URL: monitor.url,
      MONITOR_API_TOKEN: tokens.directory,
      METRICS_TOKEN: tokens.metrics,
      EGRESS_ALLOW_HOSTS: '127.0.0.1',
      EGRESS_ALLOW_PAGE_HOSTS: '127.0.0.1',
    },
  });
  inbox = await openInbox(test, twilio);
  await travel();
}, 120_000);
afterAll(async () => {
  await test.close();
  await twilio.close();
  await monitor.close();
  await model.close();
});

/** Sends canaries down every road that there is. */
async function travel(): Promise<void> {
  const { workspace } = inbox;
  const admin = workspace.as('admin');
  // The persona is a setting, as a workspace's name is: it is no content.
  const assistant = { persona: 'friendly', burstWaitMs: 0, repliesPerHourMax: 20, modelId: null };

  // Somebody texts, and is answered out of the knowledge, by the built-in model and by an endpoint.
  await admin.post('/api/v1/knowledge', {
    title: 'Hours',
    content: `## When are you open?\nWe are open from 9 to 18, ${word('knowledge')}.`,
  });
  await give(admin);
  await admin.put('/api/v1/assistant', { ...assistant, policy: 'auto' });
  await twilio.text({ from: contact, body: `When are you open? ${word('inbound')}` });
  await test.until('the answer to be delivered', async () => {
    const rows = await inbox.sql(
      "select 1 from messages where direction = 'outbound' and status = 'delivered'",
    );
    return rows.length > 0;
  });
  const { body: endpoint } = await admin.post<Model>('/api/v1/models', {
    name: 'Endpoint',
    baseUrl: model.baseUrl,
    model: 'small',
    apiKey: tokens.model,
    local: false,
    enabled: true,
    inputPriceMicros: 0,
    outputPriceMicros: 0,
    timeoutMs: 1000,
    outputTokensMax: 100,
  });
  expect(endpoint.id).toBeDefined();
  await admin.post(`/api/v1/models/${endpoint.id}/tests`);
  // What it says names no passage, and is to arrive all the same.
  const trusting = { ...assistant, policy: 'draft', modelId: endpoint.id, supportNeeded: 0 };
  await admin.put('/api/v1/assistant', trusting);
  await twilio.text({ from: contact, body: `When are you open, again? ${word('again')}` });
  await test.settled();
  model.fault('nonsense', null);
  await twilio.text({ from: contact, body: `And tomorrow? ${word('tomorrow')}` });
  await test.settled();
  await chat();
  await admin.post('/api/v1/assistant/answers', { text: `When are you open? ${word('trial')}` });

  // A better answer, checked, and what would be said with another persona.
  await admin.post('/api/v1/assistant/fixes', {
    question: `${word('fixed')}?`,
    answer: word('better'),
    mustContain: [word('contained')],
  });
  await admin.post('/api/v1/assistant/checks', {});
  await admin.post('/api/v1/assistant/shadow-runs', { changes: { persona: word('shadow') }, count: 10 });
  await test.settled();

  // With a file, and words that are commands.
  await twilio.simulator.text({
    from: contact,
    to: inbox.channel.address,
    body: word('media'),
    media: [
      {
        contentType: 'text/x-vcard',
        base64: Buffer.from(`BEGIN:VCARD\r\nVERSION:3.0\r\nFN:${word('file')}\r\nEND:VCARD\r\n`).toString(
          'base64',
        ),
      },
    ],
  });
  for (const body of ['STOP', 'START']) await twilio.text({ from: contact, body });
  await test.settled();

  // A member writes, under an Idempotency-Key, to people who cannot be reached, through a provider that falters.
  await admin.put('/api/v1/assistant', { ...assistant, policy: 'off' });
  await inbox.post(
    { to: contact, channelId: inbox.channel.id, body: word('outbound') },
    { 'idempotency-key': tokens.idempotency },
  );
  await sendFile();
  const faltering = [
    '+15005550001',
    '+15005550003',
    '+15005550429',
    '+15005550500',
    '+15005550605',
    '+15005550604',
  ];
  for (const to of faltering) await inbox.post({ to, channelId: inbox.channel.id, body: word('faltering') });

  // Webhooks that are refused, and one that cannot be understood.
  const parameters = inboundParameters(inbox.channel.address, { From: contact, Body: word('refused') });
  const url = inbox.channel.webhooks.inbound;
  await callWebhook({ url, parameters, authToken: 'zebra wrong token' });
  await callWebhook({ url, parameters, body: `Body=${word('garbled')}&%zz` });
  await callWebhook({ url, parameters: { ...parameters, Body: `${word('nul')}\u0000` } });
  await callWebhook({ url, parameters: { ...parameters, MessageSid: word('sid'), From: word('from') } });

  // Wrong input of every kind.
  const viewer = workspace.as('viewer');
  await inbox.post({ to: contact, body: 1, note: word('wrong') });
  await admin.post('/api/v1/knowledge', `{"title": "x", "content": "${word('malformed')}" `);
  await admin.post('/api/v1/knowledge', { title: 'NUL', content: `${word('zero')}\u0000` });
  await admin.post('/api/v1/knowledge', { title: 'x', content: word('long').repeat(60_000) });
  await viewer.post('/api/v1/knowledge', { title: 'x', content: word('forbidden') });
  await test.anonymous.post(
    '/api/v1/messages',
    { body: word('nobody') },
    { authorization: `Bearer ${tokens.guessed}` },
  );
  await viewer.get(`/api/v1/conversations?cursor=${word('cursor')}`);

  // Signing in, keys, operations.
  await test.kernel
    .use(signInPort)
    .createUser({ email: 'ada@example.com', password: tokens.password, name: 'Ada' });
  for (const password of [tokens.password, `${tokens.password} but wrong`]) {
    const answer = await test.anonymous.post(
      '/api/auth/sign-in/email',
      { email: 'ada@example.com', password },
      { origin: test.url },
    );
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0];
    if (cookie) await test.anonymous.get('/api/v1/auth/me', { cookie });
  }
  const { body: key } = await admin.post<{ key: string }>('/api/v1/api-keys', {
    name: 'Till',
    role: 'viewer',
  });
  made.push(key.key);
  await test.anonymous.get('/api/v1/auth/me', { authorization: `Bearer ${key.key}` });
  await admin.post(`/api/v1/channels/${inbox.channel.id}/tests`);
  await admin.put(`/api/v1/channels/${inbox.channel.id}/credentials`, {
    credentials: { ...twilioAccount, authToken: 'zebra wrong token' },
  });
  await test.anonymous.get('/health');
  await test.anonymous.get('/metrics', { authorization: `Bearer ${tokens.metrics}` });
  await test.settled();
}

/** A member asks in the app, shows a file, and names the chat. */
async function chat(): Promise<void> {
  const { client } = await addMember(test, inbox.workspace);
  const form = new FormData();
  form.append('file', new Blob([`The code is ${word('shown')}.`]), `${word('showing')}.txt`);
  const uploaded = await fetch(`${test.url}/api/v1/chat-files`, {
    method: 'POST',
    headers: await client.authorization(),
    body: form,
  });
  const { id: fileId } = (await uploaded.json()) as ChatFile;
  const { body } = await client.post<ChatDetail>('/api/v1/chats', {
    text: `When are you open? ${word('chat')}`,
    fileIds: [fileId],
  });
  await test.until('the answer in the chat', async () => {
    const { body: chat } = await client.get<ChatDetail>(`/api/v1/chats/${body.id}`);
    return chat.messages.at(-1)?.state === 'done';
  });
  await client.patch(`/api/v1/chats/${body.id}`, { title: word('named') });
}

/** A member gives the assistant a question with its answer, a file, one that breaks, and a page that is not there. */
async function give(admin: ApiClient): Promise<void> {
  const path = '/api/v1/training-data';
  await admin.post(path, { kind: 'pair', question: `${word('question')}?`, answer: word('answer') });
  await admin.post(path, { kind: 'page', url: `http://127.0.0.1:9/${word('address')}` });
  const files = [
    [`<title>${word('title')}</title><p>${word('paragraph')}`, 'html'],
    [`{"${word('broken')}": `, 'json'],
  ] as const;
  for (const [text, extension] of files) {
    const form = new FormData();
    form.append('file', new Blob([text]), `${word('training')}.${extension}`);
    const headers = await admin.authorization();
    await fetch(`${test.url}${path}/files`, { method: 'POST', headers, body: form });
  }
  await test.settled();
}

/** A member sends a file, and the carrier fetches it. */
async function sendFile(): Promise<void> {
  const form = new FormData();
  const card = `BEGIN:VCARD\r\nVERSION:3.0\r\nFN:${word('upload')}\r\nEND:VCARD\r\n`;
  form.append('file', new Blob([card]), `${word('filename')}.vcf`);
  const headers = await inbox.workspace.as('agent').authorization();
  const uploaded = await fetch(`${test.url}/api/v1/media`, { method: 'POST', headers, body: form });
  const { id } = (await uploaded.json()) as { id: string };
  await inbox.post({ to: contact, channelId: inbox.channel.id, body: '', mediaIds: [id] });
  const url = await test.until('the carrier to be told of the file', async () =>
    twilio.simulator
      .messagesWith(contact)
      .flatMap(({ mediaUrls }) => mediaUrls)
      .at(0),
  );
  made.push(url.slice(url.lastIndexOf('/') + 1));
  expect(await (await fetch(url)).text()).toContain(word('upload'));
}

/** A text as it could stand somewhere unsealed: plain, hex (as bytea is written), and base64 at each of its offsets. */
function disguises(text: string): string[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    return shifted.slice(offset === 0 ? 0 : 4, -4);
  });
  const urlSafe = base64.map((encoded) => encoded.replaceAll('+', '-').replaceAll('/', '_'));
  return [text, encodeURIComponent(text), bytes.toString('hex'), ...base64, ...urlSafe].filter(
    (form) => form.length > 5,
  );
}

const secrets = () => [content, ...Object.values(tokens), 'zebra', ...made].flatMap(disguises);

/** The secrets that stand in a text, with what is around them. */
function findIn(text: string, wanted: readonly string[]): string[] {
  return wanted.flatMap((secret) => {
    const at = text.indexOf(secret);
    return at < 0 ? [] : [text.slice(Math.max(0, at - 80), at + secret.length + 40)];
  });
}

/** Every row of every table of every schema, as `schema.table row`. */
async function everyRow(): Promise<string[]> {
  return test.kernel.database.asOwner(async (queries) => {
    const tables = await queries.sql<{ name: string }>(
      `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'`,
    );
    const rows: string[] = [];
    for (const { name } of tables) {
      const found = await queries.sql<{ row: string }>(`select to_jsonb(t)::text as row from ${name} t`);
      rows.push(...found.map(({ row }) => `${name} ${row}`));
    }
    return rows;
  });
}

describe('content and credentials that went every road', () => {
  it('arrived: members read them', async () => {
    const viewer = inbox.workspace.as('viewer');
    const { body } = await viewer.get<{ items: { id: string }[] }>('/api/v1/conversations');
    const conversations = await Promise.all(
      body.items.map(async ({ id }) =>
        JSON.stringify((await viewer.get(`/api/v1/conversations/${id}`)).body),
      ),
    );
    const all = conversations.join('\n');
    for (const way of [
      'inbound',
      'knowledge',
      'again',
      'tomorrow',
      'model',
      'media',
      'outbound',
      'faltering',
      'directory',
      'nul',
    ]) {
      expect([way, all.includes(word(way))]).toEqual([way, true]);
    }
  });

  it('are at rest in no column of any table in plain form', async () => {
    const rows = await everyRow();
    expect(rows.length).toBeGreaterThan(200);
    const wanted = secrets();
    const leaks = rows.flatMap((row) => findIn(row, wanted).map((found) => `${row.split(' ')[0]}: ${found}`));
    expect(leaks).toEqual([]);
  });

  it('are in no file of the data folder in plain form', async () => {
    const folder = test.kernel.config.PARLEY_DATA;
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    const contents = await Promise.all(
      files.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
    );
    expect(files.length).toBeGreaterThan(0);
    const wanted = secrets();
    expect(contents.flatMap((text) => findIn(text, wanted))).toEqual([]);
  });

  it('are in no line of the log', () => {
    expect(test.logged.length).toBeGreaterThan(50);
    const wanted = secrets();
    expect(test.logged.flatMap((line) => findIn(line, wanted))).toEqual([]);
  });

  it('are in no metric, and in no event', async () => {
    const wanted = secrets();
    const { body: metrics } = await test.anonymous.get<string>('/metrics', {
      authorization: `Bearer ${tokens.metrics}`,
    });
    expect(metrics.length).toBeGreaterThan(1000);
    expect(findIn(metrics, wanted)).toEqual([]);
    const events = await test.kernel.events.read(null, 0, 10_000);
    expect(new Set(events.map((event) => event.type)).size).toBeGreaterThan(5);
    expect(events.flatMap((event) => findIn(JSON.stringify(event), wanted))).toEqual([]);
  });
});

describe('a telephone number', () => {
  it('stands whole in no log, metric, event or job', async () => {
    const jobs = (await everyRow()).filter((row) => row.startsWith('pgboss.'));
    expect(jobs.length).toBeGreaterThan(10);
    const { body: metrics } = await test.anonymous.get<string>('/metrics', {
      authorization: `Bearer ${tokens.metrics}`,
    });
    const events = await test.kernel.events.read(null, 0, 10_000);
    const places = [...test.logged, metrics, ...events.map((event) => JSON.stringify(event)), ...jobs];
    const numbers = [phone, phone.slice(1), inbox.channel.address.slice(1), '15005550001'];
    expect(places.flatMap((text) => findIn(text, numbers))).toEqual([]);
  });
});

it('the search finds what is hidden in plain sight, in every disguise', () => {
  const text = 'zebra-directory-token';
  const bytes = Buffer.from(`before ${text} after`);
  for (const form of [
    bytes.toString(),
    bytes.toString('hex'),
    ...[0, 1, 2].map((offset) => bytes.subarray(offset).toString('base64')),
    bytes.toString('base64url'),
    encodeURIComponent(bytes.toString()),
  ]) {
    expect(findIn(form, disguises(text)).length).toBeGreaterThan(0);
  }
});
