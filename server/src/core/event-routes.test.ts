import { type EventPage, eventPage } from '@parley/contract/events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiClient, startTestApp, type TestApp, type TestWorkspace } from '../../test/harness.ts';
import { defineEvent } from './events.ts';

const counted = defineEvent({
  type: 'test.counted',
  doc: 'The test counted.',
  permission: 'events:read',
  payload: z.object({ number: z.number() }),
});

let test: TestApp;
let workspace: TestWorkspace;
let viewer: ApiClient;
beforeAll(async () => {
  test = await startTestApp({ modules: [{ name: 'test', events: [counted] }] });
  workspace = await test.workspace();
  viewer = workspace.as('viewer');
  await workspace.ctx.transaction(async (tx) => {
    for (let number = 0; number < 25; number += 1) tx.append(counted, { number });
  });
  await (await test.workspace()).ctx.transaction(async (tx) => tx.append(counted, { number: 1000 }));
  await test.event('test.counted', (event) => event.payload.number === 1000);
});
afterAll(() => test.close());

async function read(query: string): Promise<EventPage> {
  const answer = await viewer.get(`/api/v1/events?${query}`);
  expect(answer.status).toBe(200);
  return eventPage.parse(answer.body);
}

describe('reading the event log', () => {
  it('page by page brings every event of the workspace once, in order, and none of another', async () => {
    const numbers: unknown[] = [];
    let after = 0;
    for (let more = true; more; ) {
      const page = await read(`after=${after}&limit=10`);
      expect(page.items.length).toBeLessThanOrEqual(10);
      for (const event of page.items) {
        expect(event.sequence).toBeGreaterThan(after);
        after = event.sequence;
        if (event.type === 'test.counted') numbers.push(event.payload.number);
      }
      // The last event of a page may be one that a viewer does not see.
      expect(page.nextAfter).toBeGreaterThanOrEqual(after);
      after = page.nextAfter;
      more = page.more;
    }
    expect(numbers).toEqual(Array.from({ length: 25 }, (_, index) => index));
  });

  it('from the end brings nothing, and the same place to ask from again', async () => {
    const head = await test.kernel.events.head();
    expect(await read(`after=${head}`)).toEqual({ items: [], nextAfter: head, more: false });
    expect(await read('after=9007199254740991')).toMatchObject({ items: [], more: false });
  });

  it('says of each event who did what, when, and the request that it goes back to', async () => {
    const { items } = await read('limit=500');
    expect(items.find((event) => event.type === 'test.counted')).toMatchObject({
      actor: { kind: 'system', id: null },
      requestId: 'test',
      payload: { number: 0 },
    });
  });

  it('with a place or a length that is none is refused', async () => {
    for (const query of [
      'after=-1',
      'after=x',
      'after=1.5',
      'limit=0',
      'limit=501',
      'after=9007199254740993',
    ]) {
      expect(await viewer.get(`/api/v1/events?${query}`)).toMatchObject({
        status: 400,
        body: { error: { code: 'sms.validation_error' } },
      });
    }
  });
});

it('a transaction that is rolled back, or an event of the wrong shape, leaves nothing in the log', async () => {
  const before = await test.kernel.events.head();
  await expect(
    workspace.ctx.transaction(async (tx) => {
      tx.append(counted, { number: 1 });
      throw new Error('stop');
    }),
  ).rejects.toThrow('stop');
  await expect(
    workspace.ctx.transaction(async (tx) => tx.append(counted, { number: 'one' } as never)),
  ).rejects.toThrow();
  await workspace.ctx.transaction(async (tx) => tx.append(counted, { number: 2000 }));
  const event = await test.event('test.counted', (found) => found.payload.number === 2000);
  expect(event.sequence).toBe(before + 1);
});
