import type { Event } from '@parley/contract/events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRealtime } from '../../../../web/src/lib/realtime.ts';
import { startTestApp, type TestApp } from '../../../test/harness.ts';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

it('a process that stops tells its sockets to come back, lets nobody in, and does not wait for who never leaves', async () => {
  const workspace = await test.workspace();
  const { authorization = '' } = await workspace.as('admin').authorization();
  const url = `${test.url.replace('http', 'ws')}/api/v1/realtime`;
  const client = createRealtime({ url, token: authorization.slice('Bearer '.length), after: 0 });
  const events: Event[] = [];
  client.onEvents((page) => events.push(...page));
  await test.until('the client to be live', async () => client.state.kind === 'live');
  const plain = new WebSocket(url, { headers: { authorization } });
  const frames: unknown[] = [];
  const closed = Promise.withResolvers<number>();
  await new Promise<void>((resolve) => {
    plain.onopen = () => resolve();
    plain.onmessage = ({ data }) => frames.push(JSON.parse(String(data)));
    plain.onclose = ({ code }) => closed.resolve(code);
  });
  const states: string[] = [];
  client.onState(({ kind }) => states.push(kind));
  const started = performance.now();
  await test.app.http.close();
  expect(performance.now() - started).toBeLessThan(4000);
  expect(await closed.promise).toBe(1001);
  expect(frames).toMatchObject([{ type: 'leaving' }]);
  await test.until('the client to wait and to try again', async () => states.includes('connecting'));
  expect(states[0]).toBe('waiting');
  await test.until('the client to wait again', async () => client.state.kind === 'waiting');
  client.stop();
});
