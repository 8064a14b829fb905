import type { HealthReport } from '@parley/contract/health';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import {
  type CollectionsMonitorSimulator,
  startCollectionsMonitorSimulator,
} from '../../providers/collections-monitor/simulator.ts';
import { relink } from './link-directory.ts';

let twilio: TestTwilio;
let monitor: CollectionsMonitorSimulator;
let test: TestApp;
beforeAll(async () => {
  twilio = await startTwilio();
  monitor = await startCollectionsMonitorSimulator({ token: 'sesame' });
  test = await startTestApp({
    environment: { ...twilio.environment, MONITOR_API_URL: monitor.url, MONITOR_API_TOKEN: 'sesame' },
  });
});
afterAll(async () => {
  await test.close();
  await twilio.close();
  await monitor.close();
});

/** Makes the last look-up as old as that, and asks for those that are due. */
async function laterBy(inbox: Inbox, minutes: number): Promise<void> {
  await inbox.sql(
    'update conversations set directory_checked_at = directory_checked_at - make_interval(mins => $1::int)',
    [minutes],
  );
  await relink(test.kernel.systemContext());
  await test.settled();
}

const directoryOf = async (inbox: Inbox) => (await inbox.conversations())[0]?.directory;

describe('the contact directory', () => {
  it('links a new conversation to the entry that has the number', async () => {
    monitor.add({ id: 't-7', name: 'Ada Lovelace', phone: '5551210001' });
    const inbox = await openInbox(test, twilio);
    await twilio.text({ from: '+15551210001', body: 'hello' });
    await test.settled();
    expect(await directoryOf(inbox)).toMatchObject({
      status: 'linked',
      entryId: 't-7',
      name: 'Ada Lovelace',
    });
    expect(monitor.asked.slice(-3)).toEqual(['+15551210001', '15551210001', '5551210001']);
    const changes = await inbox.events('conversation.changed');
    expect(changes.map(({ payload }) => payload.changed)).toContainEqual(['directory']);
    const rows = await inbox.sql<{ directory_name: Uint8Array }>('select directory_name from conversations');
    expect(Buffer.from(rows[0]?.directory_name ?? []).includes('Ada')).toBe(false);
  });

  it('that does not know a number is asked again after a day', async () => {
    const inbox = await openInbox(test, twilio);
    await twilio.text({ from: '+15551210002', body: 'hello' });
    await test.settled();
    expect(await directoryOf(inbox)).toMatchObject({ status: 'not_found', entryId: null });
    monitor.add({ id: 't-8', phone: '+15551210002' });
    await laterBy(inbox, 60);
    expect(await directoryOf(inbox)).toMatchObject({ status: 'not_found' });
    await laterBy(inbox, 24 * 60);
    expect(await directoryOf(inbox)).toMatchObject({ status: 'linked', entryId: 't-8', name: null });
  });

  it('that is down holds nothing up, and is asked again after five minutes', async () => {
    const inbox = await openInbox(test, twilio);
    monitor.add({ id: 't-9', phone: '+15551210003' });
    monitor.fail('http_500', 4);
    await twilio.text({ from: '+15551210003', body: 'hello' });
    await test.settled();
    expect(await inbox.conversations()).toMatchObject([
      { lastMessage: { body: 'hello' }, directory: { status: 'failed' } },
    ]);
    await laterBy(inbox, 6);
    expect(await directoryOf(inbox)).toMatchObject({ status: 'linked' });
  });

  it('is in the health report, with the time that it takes', async () => {
    const well = await test.anonymous.get<HealthReport>('/api/v1/health');
    expect(well.body.checks.directory).toMatchObject({
      status: 'ok',
      detail: 'Collections Monitor answers',
      durationMs: expect.any(Number),
    });
    monitor.fail('http_503', 1);
    const ill = await test.anonymous.get<HealthReport>('/api/v1/health');
    expect(ill.body.checks.directory).toMatchObject({ status: 'degraded' });
    expect(ill.status).toBe(200);
  });
});
