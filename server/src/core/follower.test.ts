import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startTestApp, type TestApp } from '../../test/harness.ts';
import { defineEvent } from './events.ts';
import type { Follower, Progress } from './follower.ts';

const happened = defineEvent({
  type: 'probe.happened',
  doc: 'What a test follows.',
  permission: 'events:read',
  payload: z.object({ number: z.number() }),
});
const ignored = defineEvent({ ...happened, type: 'probe.ignored' });

/** What a follower was asked to do, and what it says to it. */
const calls: { workspaceId: string; head: number }[] = [];
const answers: (Progress | Error)[] = [];
const follower: Follower = {
  name: 'probe',
  events: [happened.type],
  behind: async () => [],
  catchUp: async (ctx, head) => {
    calls.push({ workspaceId: ctx.workspaceId, head });
    const answer = answers.shift() ?? 'done';
    if (answer instanceof Error) throw answer;
    return answer;
  },
};

/** A workspace in which things happened while no process followed. */
const left = '00000000-0000-7000-8000-000000000001';
const brought: string[] = [];
const returning: Follower = {
  ...follower,
  name: 'returning',
  behind: async () => [left],
  catchUp: async (ctx) => {
    if (ctx.workspaceId === left) brought.push(ctx.workspaceId);
    return 'done';
  },
};

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({
    modules: [{ name: 'probe', events: [happened, ignored], followers: [follower, returning] }],
  });
});
afterAll(() => app.close());

test('a follower is called again until it is done: after a batch, after another process and after a failure', async () => {
  const workspace = await app.workspace();
  answers.push('more', new Error('fails once'), 'busy');
  await workspace.ctx.transaction(async (tx) => tx.append(happened, { number: 1 }));
  const event = await app.event(happened.type, ({ workspaceId }) => workspaceId === workspace.id);
  await app.until('the follower to be done', async () => calls.length === 4);
  expect(calls.map(({ workspaceId }) => workspaceId)).toEqual(Array(4).fill(workspace.id));
  for (const { head } of calls) expect(head).toBeGreaterThanOrEqual(event.sequence);
  expect(app.logged.filter((line) => line.includes('could not be followed')).length).toBe(1);
});

test('a follower hears of the workspaces where something happened that it wants, and of no others', async () => {
  const [first, second, third] = [await app.workspace(), await app.workspace(), await app.workspace()];
  calls.length = 0;
  await second.ctx.transaction(async (tx) => tx.append(ignored, { number: 1 }));
  await first.ctx.transaction(async (tx) => tx.append(happened, { number: 2 }));
  await third.ctx.transaction(async (tx) => tx.append(happened, { number: 3 }));
  await app.until('both to be followed', async () =>
    [first, third].every(({ id }) => calls.some(({ workspaceId }) => workspaceId === id)),
  );
  expect(calls.some(({ workspaceId }) => workspaceId === second.id)).toBe(false);
});

test('a process that starts brings up what is behind', async () => {
  await app.until('it to be followed', async () => brought.length > 0);
  expect(brought).toEqual([left]);
});
