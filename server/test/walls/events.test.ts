// Every event of the registry, and every frame that a member says: who hears of it over a socket, and who does not.
import { type ServerFrame, serverFrame } from '@parley/contract/realtime';
import { closeCodes } from '@parley/contract/realtime-limits';
import { type Role, role } from '@parley/contract/tenancy';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { modules } from '../../src/app.ts';
import { appendEvents } from '../../src/core/events.ts';
import { newId } from '../../src/core/identifiers.ts';
import { livePort } from '../../src/core/realtime/live.ts';
import { permissionsOfRole } from '../../src/modules/tenancy/permissions.ts';
import { startTestApp, type TestApp, type TestWorkspace } from '../harness.ts';
import { addMember } from '../members.ts';
import { Planter } from '../plant.ts';
import { example } from '../routes.ts';
import { writeFigures } from './figures.ts';

const definitions = modules.flatMap((module) => module.events ?? []);
let test: TestApp;
let mine: TestWorkspace;
let theirs: TestWorkspace;
beforeAll(async () => {
  test = await startTestApp();
  await test.kernel.queue.stop(1000);
  mine = await test.workspace();
  theirs = await test.workspace();
});
afterAll(() => test.close());

interface Listener {
  readonly frames: ServerFrame[];
  /** Of the events after a sequence. */
  readonly types: (after?: number) => string[];
  readonly live: () => unknown[];
  code(): number | undefined;
  send(frame: unknown): void;
  close(): void;
}

async function listen(headers: Record<string, string>, workspaceId?: string): Promise<Listener> {
  const query = workspaceId ? `?workspace=${workspaceId}` : '';
  const socket = new WebSocket(`${test.url.replace('http', 'ws')}/api/v1/realtime${query}`, {
    headers,
  } as never);
  const frames: ServerFrame[] = [];
  let code: number | undefined;
  socket.onmessage = ({ data }) => void frames.push(serverFrame.parse(JSON.parse(String(data))));
  socket.onclose = (event) => {
    code = event.code;
  };
  socket.onopen = () => socket.send(JSON.stringify({ type: 'subscribe', after: null }));
  await test.until(
    'the socket',
    async () => code !== undefined || frames.some(({ type }) => type === 'ready'),
  );
  const items = () => frames.flatMap((frame) => (frame.type === 'events' ? frame.items : []));
  return {
    frames,
    types: (after = 0) =>
      [...new Set(items().flatMap(({ type, sequence }) => (sequence > after ? [type] : [])))].sort(),
    live: () => frames.flatMap((frame) => (frame.type === 'live' ? [frame.frame] : [])),
    code: () => code,
    send: (frame) => socket.send(JSON.stringify(frame)),
    close: () => socket.close(),
  };
}

const through = (listener: Listener) =>
  Math.max(0, ...listener.frames.flatMap((frame) => (frame.type === 'events' ? [frame.through] : [])));

/** Appends one event of each type; nothing is done about them. Resolves with the last one's sequence. */
async function appendOneOfEach(): Promise<number> {
  const events = definitions.map(({ type, payload }) => ({
    id: newId(),
    type,
    payload: example(z.toJSONSchema(payload, { io: 'input', unrepresentable: 'any' }) as never, newId()),
    actor: { kind: 'system', id: null } as const,
    requestId: newId(),
  }));
  await theirs.ctx.transaction(async (tx) => appendEvents(tx as never, theirs.id, events, new Date()));
  test.kernel.events.committed();
  const last = await test.event(definitions.at(-1)?.type ?? '', ({ id }) => id === events.at(-1)?.id);
  return last.sequence;
}

const readBy = (permissions: ReadonlySet<string>) =>
  definitions
    .filter(({ permission }) => permissions.has(permission))
    .map(({ type }) => type)
    .sort();

it('every event is heard by those of its workspace who may read it, and by nobody else', async () => {
  const removed = await addMember(test, theirs, 'admin');
  const demoted = await addMember(test, theirs, 'owner');
  const elsewhere = await addMember(test, mine, 'owner');
  const [wasIn, wasOwner] = [
    await listen(await removed.client.authorization(), theirs.id),
    await listen(await demoted.client.authorization(), theirs.id),
  ];
  const strangers = [
    await listen(await mine.as('owner').authorization()),
    await listen(await elsewhere.client.authorization()),
  ];
  for (const headers of [await mine.as('owner').authorization(), await elsewhere.client.authorization()]) {
    const refused = await listen(headers, theirs.id);
    expect([refused.code(), refused.frames]).toEqual([closeCodes.forbidden, []]);
  }
  const ofRole = new Map<Role, Listener>();
  for (const each of role.options) ofRole.set(each, await listen(await theirs.as(each).authorization()));

  await theirs.ctx.transaction(async (tx) => {
    await tx.sql('delete from members where workspace_id = $1 and user_id = $2', [theirs.id, removed.userId]);
    await tx.sql("update members set role = 'viewer' where workspace_id = $1 and user_id = $2", [
      theirs.id,
      demoted.userId,
    ]);
  });
  await test.until('who was removed to be cut', async () => wasIn.code() !== undefined);
  expect(wasIn.code()).toBe(closeCodes.forbidden);
  // All sockets of a process are asked about at once: who was demoted is known to be.

  await test.settled();
  const before = await test.kernel.events.head();
  const last = await appendOneOfEach();
  const open = [...ofRole.values(), wasOwner, ...strangers];
  for (const each of open) {
    each.send({ type: 'ping' });
    await test.until('all of the log', async () => {
      if (through(each) < last) each.send({ type: 'ping' });
      return through(each) >= last;
    });
  }
  for (const [each, listener] of ofRole) {
    expect([each, listener.types(before)]).toEqual([each, readBy(permissionsOfRole[each])]);
  }
  expect(wasOwner.types(before)).toEqual(readBy(permissionsOfRole.viewer));
  expect(wasIn.types(before)).toEqual([]);
  const leaks = strangers.flatMap((listener) => listener.types());
  expect(leaks).toEqual([]);
  for (const listener of strangers) {
    expect(JSON.stringify(listener.frames)).not.toContain(theirs.id);
  }
  // Over HTTP it is the same.
  for (const each of role.options) {
    const { body } = await theirs
      .as(each)
      .get<{ items: { type: string }[] }>(`/api/v1/events?limit=500&after=${before}`);
    expect([each, [...new Set(body.items.map(({ type }) => type))].sort()]).toEqual([
      each,
      readBy(permissionsOfRole[each]),
    ]);
  }
  const { body } = await mine.as('owner').get<{ items: unknown[] }>('/api/v1/events?limit=500');
  expect(JSON.stringify(body)).not.toContain(theirs.id);
  await writeFigures('events', { events: definitions.length, sockets: open.length + 3, leaks: leaks.length });
  for (const each of open) each.close();
});

it('what is live, and what a member says, reaches nobody of another workspace', async () => {
  const planter = await Planter.read(test.kernel.database);
  const rows = await planter.plantWorkspace(theirs.id);
  const conversationId = String(rows.get('conversations')?.id);
  const stranger = await listen(await mine.as('owner').authorization());
  const reader = await listen(await theirs.as('viewer').authorization());
  const writer = await addMember(test, theirs, 'agent');
  const outsider = await addMember(test, mine, 'owner');
  const [says, forges] = [
    await listen(await writer.client.authorization(), theirs.id),
    await listen(await outsider.client.authorization(), mine.id),
  ];
  // Of a conversation that is not theirs to speak of, by its id.
  forges.send({ type: 'typing', conversationId, active: true });
  says.send({ type: 'typing', conversationId, active: true });
  await test.until('the typing', async () => reader.live().length > 0);
  const live = test.kernel.use(livePort);
  live.publish(
    theirs.id,
    { kind: 'assistant_writing', conversationId, runId: newId(), text: 'quokka', active: true },
    'conversations:read',
  );
  await test.until('what is written', async () => JSON.stringify(reader.live()).includes('quokka'));
  expect(reader.live()).toHaveLength(2);
  expect([stranger.live(), forges.live()]).toEqual([[], []]);
  for (const each of [stranger, reader, says, forges]) each.close();
});
