// Whoever has an account at Twilio signs webhooks as Twilio does, and says where the files of a message are: that must lead to
// nothing that the operator named for something else.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ConversationDetail } from '@parley/contract/conversations';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from './harness.ts';
import { type Inbox, openInbox } from './messaging.ts';
import { callWebhook, inboundParameters, startTwilio, type TestTwilio } from './twilio.ts';

const settings = ['MONITOR_API_URL', 'SUPABASE_URL', 'GOOGLE_ISSUER_URL', 'MICROSOFT_ISSUER_URL'] as const;

let twilio: TestTwilio;
let test: TestApp;
let inbox: Inbox;
let service: Server;
let addresses: readonly string[];
const asked: string[] = [];
beforeAll(async () => {
  service = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"owes":1200}');
  });
  await new Promise<void>((resolve) => service.listen(0, '0.0.0.0', resolve));
  const { port } = service.address() as AddressInfo;
  // Each under a name of its own: another host, to whoever allows hosts.
  addresses = settings.map((_, index) => `http://127.0.0.${index + 1}:${port}`);
  twilio = await startTwilio();
  test = await startTestApp({
    environment: {
      ...twilio.environment,
      ...Object.fromEntries(settings.map((setting, index) => [setting, addresses[index] ?? ''])),
    },
  });
  inbox = await openInbox(test, twilio);
});
afterAll(async () => {
  await test.close();
  await twilio.close();
  service.closeAllConnections();
  await new Promise((resolve) => service.close(resolve));
});

it('the address of a file leads to none of the services that the operator named', async () => {
  const files = addresses.map((address, index) => [`MediaUrl${index}`, `${address}/export`]);
  const answer = await callWebhook({
    url: `${test.url}/webhook/twilio/sms`,
    parameters: inboundParameters(inbox.channel.address, {
      From: '+15551230042',
      NumMedia: String(files.length),
      ...Object.fromEntries(files),
      ...Object.fromEntries(files.map((_, index) => [`MediaContentType${index}`, 'text/plain'])),
    }),
  });
  expect(answer.status).toBe(200);
  const media = await test.until('the files to be settled', async () => {
    const [conversation] = await inbox.conversations();
    if (!conversation) return null;
    const { body } = await inbox.workspace
      .as('viewer')
      .get<ConversationDetail>(`/api/v1/conversations/${conversation.id}`);
    const found = body.messages[0]?.media ?? [];
    return found.length === files.length && found.every(({ status }) => status !== 'pending') && found;
  });
  expect(media.map(({ status }) => status)).toEqual(files.map(() => 'failed'));
  expect(asked.filter((path) => path.includes('export'))).toEqual([]);
});
