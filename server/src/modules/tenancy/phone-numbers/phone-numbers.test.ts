import type { AuditPage } from '@parley/contract/audit';
import type { Usage } from '@parley/contract/budgets';
import type { ErrorEnvelope } from '@parley/contract/common';
import type { PhoneNumber, PhoneNumberList } from '@parley/contract/phone-numbers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ApiResponse, startTestApp, type TestApp } from '../../../../test/harness.ts';
import { type MailServer, startMailServer } from '../../../../test/mail-server.ts';
import { addMember, type TestMember } from '../../../../test/members.ts';
import { type Inbox, openInbox } from '../../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../../test/twilio.ts';
import { systemClock } from '../../../core/clock.ts';
import { sendCode, sendCodeText } from '../../conversations/code-texts.ts';
import { memberOfPhone } from './numbers.ts';

const path = '/api/v1/auth/phone-numbers';
let twilio: TestTwilio;
let mails: MailServer;
let test: TestApp;
let inbox: Inbox;
let grace: TestMember;
let aheadMs = 0;
let numbers = 0;
const passes = (seconds: number) => {
  aheadMs += seconds * 1000;
};
const newNumber = () => `+1202555${String(1000 + ++numbers)}`;

beforeAll(async () => {
  [twilio, mails] = await Promise.all([startTwilio(), startMailServer()]);
  const now = () => systemClock.now() + aheadMs;
  test = await startTestApp({
    clock: { now, date: () => new Date(now()) },
    environment: { ...twilio.environment, SMTP_URL: mails.url },
  });
});
beforeEach(async () => {
  inbox = await openInbox(test, twilio, { workspaceName: 'Harbour Bakery' });
  grace = await addMember(test, inbox.workspace);
});
afterEach(async () => {
  await test.settled();
  twilio.simulator.reset();
});
afterAll(async () => {
  await test.close();
  await Promise.all([twilio.close(), mails.close()]);
});

const add = (member: TestMember, number: string) => member.client.post<PhoneNumber>(path, { number });
const list = async ({ client }: TestMember) => (await client.get<PhoneNumberList>(path)).body.items;
const verify = (member: TestMember, id: string, code: string) =>
  member.client.put<PhoneNumber>(`${path}/${id}/verification`, { code });
const again = (member: TestMember, id: string) => member.client.post<PhoneNumber>(`${path}/${id}/codes`);
const codeOf = ({ body }: ApiResponse<unknown>) => (body as ErrorEnvelope).error.code;

const textsTo = (number: string) => twilio.simulator.messagesWith(number).filter(({ to }) => to === number);
/** The code in the newest text to the number, once so many were sent. */
async function code(number: string, count = 1): Promise<string> {
  await test.until(`${count} codes`, async () => textsTo(number).length === count);
  return /^\d{6}/.exec(textsTo(number).at(-1)?.body ?? '')?.[0] ?? '';
}
async function verified(member: TestMember, number: string): Promise<string> {
  const { id } = (await add(member, number)).body;
  expect((await verify(member, id, await code(number))).status).toBe(200);
  return id;
}
const stateOf = async (member: TestMember, state: string) =>
  test.until(`a code that is ${state}`, async () => {
    const [one] = await list(member);
    return one?.code?.state === state && one;
  });
const wrongFor = (right: string) => String((Number(right) + 1) % 1_000_000).padStart(6, '0');

describe('a member’s phone number', () => {
  it('is verified by the code that is sent to it, once, and found by it from then on', async () => {
    const number = newNumber();
    const added = await add(grace, `(202) ${number.slice(5, 8)}-${number.slice(8)}`);
    expect(added).toMatchObject({
      status: 201,
      body: { number, verifiedAt: null, code: { guessesLeft: 5 } },
    });
    const right = await code(number);
    await stateOf(grace, 'sent');
    expect(textsTo(number)[0]?.body).toBe(
      `${right} is your Parley code for Harbour Bakery. It works for 10 minutes. Tell it to nobody.`,
    );
    expect(await memberOfPhone(inbox.workspace.ctx, number)).toBeNull();
    const done = await verify(grace, added.body.id, right);
    expect(done).toMatchObject({ status: 200, body: { code: null } });
    expect(done.body.verifiedAt).not.toBeNull();
    expect(await memberOfPhone(inbox.workspace.ctx, number)).toBe(grace.userId);
    expect(await list(grace)).toEqual([done.body]);
    expect((await verify(grace, added.body.id, right)).body).toEqual(done.body);
  });

  it('is verified by no wrong code, by none after five guesses, and by none that is older than ten minutes', async () => {
    const number = newNumber();
    const { id } = (await add(grace, number)).body;
    const first = await code(number);
    for (let guess = 0; guess < 5; guess += 1) {
      const refused = await verify(grace, id, wrongFor(first));
      expect([refused.status, codeOf(refused)]).toEqual([400, 'wrong_code']);
    }
    const over = await verify(grace, id, first);
    expect([over.status, codeOf(over)]).toEqual([409, 'code_over']);
    passes(61);
    expect((await again(grace, id)).status).toBe(201);
    const second = await code(number, 2);
    passes(601);
    expect(codeOf(await verify(grace, id, second))).toBe('code_over');
    expect((await again(grace, id)).status).toBe(201);
    expect((await verify(grace, id, await code(number, 3))).status).toBe(200);
  });

  it('is verified by the newest code alone', async () => {
    const number = newNumber();
    const { id } = (await add(grace, number)).body;
    const first = await code(number);
    passes(61);
    await again(grace, id);
    const second = await code(number, 2);
    if (first !== second) expect(codeOf(await verify(grace, id, first))).toBe('wrong_code');
    expect((await verify(grace, id, second)).status).toBe(200);
  });

  it('belongs to one member of a workspace: another takes it once the first has removed it, and is not told who has it', async () => {
    const number = newNumber();
    const id = await verified(grace, number);
    const ada = await addMember(test, inbox.workspace);
    passes(61);
    const second = (await add(ada, number)).body.id;
    const taken = await verify(ada, second, await code(number, 2));
    expect([taken.status, codeOf(taken)]).toEqual([409, 'number_taken']);
    expect(JSON.stringify(taken.body)).not.toContain(grace.userId);
    expect((await grace.client.delete(`${path}/${id}`)).status).toBe(204);
    passes(61);
    await again(ada, second);
    expect((await verify(ada, second, await code(number, 3))).status).toBe(200);
    expect(await memberOfPhone(inbox.workspace.ctx, number)).toBe(ada.userId);

    const elsewhere = await openInbox(test, twilio);
    const other = await addMember(test, elsewhere.workspace);
    passes(61);
    const { id: third } = (await add(other, number)).body;
    expect((await verify(other, third, await code(number, 4))).status).toBe(200);
    expect(await memberOfPhone(inbox.workspace.ctx, number)).toBe(ada.userId);
  });

  it('is nobody else’s to see, to verify or to remove, and an API key has none', async () => {
    const number = newNumber();
    const { id } = (await add(grace, number)).body;
    const right = await code(number);
    const ada = await addMember(test, inbox.workspace, 'owner');
    expect(await list(ada)).toEqual([]);
    expect((await verify(ada, id, right)).status).toBe(404);
    expect((await again(ada, id)).status).toBe(404);
    expect((await ada.client.delete(`${path}/${id}`)).status).toBe(404);
    expect((await inbox.workspace.as('owner').get(path)).status).toBe(403);
    expect((await verify(grace, id, right)).status).toBe(200);
  });

  it('goes with its member', async () => {
    const number = newNumber();
    await verified(grace, number);
    expect((await inbox.workspace.as('admin').delete(`/api/v1/members/${grace.userId}`)).status).toBe(204);
    expect(await memberOfPhone(inbox.workspace.ctx, number)).toBeNull();
  });

  it('is told to its user by mail when it is verified and when it is removed, and stands in the audit without its digits', async () => {
    const number = newNumber();
    const before = mails.arrived.length;
    const id = await verified(grace, number);
    await test.until('the first mail', async () => mails.arrived.length === before + 1);
    await grace.client.delete(`${path}/${id}`);
    await test.until('the second mail', async () => mails.arrived.length === before + 2);
    const subjects = mails.arrived.slice(before).map(({ headers }) => headers.get('subject'));
    expect(subjects).toEqual([
      'A phone number was added to your Parley account',
      'A phone number was removed from your Parley account',
    ]);
    const { items } = (await inbox.workspace.as('admin').get<AuditPage>('/api/v1/audit')).body;
    const own = items.filter(({ action }) => action.startsWith('phone_number.'));
    expect(own.map(({ action }) => action).toSorted()).toEqual([
      'phone_number.added',
      'phone_number.removed',
      'phone_number.verified',
    ]);
    expect(JSON.stringify(own)).not.toContain(number.slice(-4));
  });

  it('is refused where it is no phone’s, is there already, is the sixth, or is one of the workspace’s own', async () => {
    for (const wrong of ['12', 'hello', '+1 900 555 0100', '+44 70 1234 5678']) {
      expect((await add(grace, wrong)).status, wrong).toBe(400);
    }
    expect((await add(grace, inbox.channel.address)).status).toBe(400);
    const number = newNumber();
    await add(grace, number);
    expect(codeOf(await add(grace, number))).toBe('number_exists');
    for (let count = 0; count < 4; count += 1) await add(grace, newNumber());
    expect(codeOf(await add(grace, newNumber()))).toBe('too_many_numbers');
  });
});

describe('a code', () => {
  it('is in no conversation, no search, no event and no log, and what rests of it is sealed', async () => {
    const number = newNumber();
    await add(grace, number);
    const right = await code(number);
    await test.settled();
    expect(await inbox.conversations()).toEqual([]);
    expect(await inbox.sql('select id from messages')).toEqual([]);
    const events = JSON.stringify(await test.kernel.events.read(inbox.workspace.id, 0, 1000));
    for (const secret of [right, number.slice(1)]) {
      expect(events).not.toContain(secret);
      expect(test.logged.filter((line) => line.includes(secret))).toEqual([]);
      for (const table of ['code_texts', 'phone_codes', 'member_phone_numbers']) {
        const rows = await inbox.sql<object>(`select t.* from ${table} t`);
        expect(rows.length).toBe(1);
        const said = Object.values(rows[0] ?? {}).map((value) =>
          value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : JSON.stringify(value),
        );
        expect(said.join(' ')).not.toContain(secret);
      }
    }
    expect(await inbox.sql('select content from code_texts')).toEqual([{ content: null }]);
    const usage = await inbox.workspace.as('viewer').get<Usage>('/api/v1/usage?by=purpose');
    expect(usage.body.items).toMatchObject([{ key: 'code', segments: 1 }]);
  });

  it('is sent once: one whose outcome nobody knows is not sent again, and its reader asks for a new one', async () => {
    const number = newNumber();
    twilio.simulator.fault({ kind: 'bad_gateway_after_accept', times: 1 });
    twilio.simulator.fault({ kind: 'lose', times: null });
    const { id } = (await add(grace, number)).body;
    await stateOf(grace, 'unknown');
    await test.settled();
    expect(textsTo(number)).toHaveLength(1);
    // It may have arrived, and works then.
    expect((await verify(grace, id, await code(number))).status).toBe(200);
  });

  it('of a process that was killed in the call is not sent again', async () => {
    const number = newNumber();
    await add(grace, number);
    await code(number);
    await twilio.simulator.idle();
    await test.settled();
    const [row] = await inbox.sql<{ id: string }>("update code_texts set state = 'calling' returning id");
    const run = { id: 'job', attempt: 1, isLastAttempt: false, signal: new AbortController().signal };
    await sendCode(inbox.workspace.ctx, sendCodeText.input.parse({ codeTextId: row?.id }), run);
    expect(await stateOf(grace, 'unknown')).toBeDefined();
    expect(textsTo(number)).toHaveLength(1);
  });

  it('is sent once the provider that refused it for now takes it', async () => {
    const number = newNumber();
    twilio.simulator.fault({ kind: '503', times: 2 });
    await add(grace, number);
    await code(number);
    await stateOf(grace, 'sent');
  });

  it('that the provider refuses says why, and gives its segments back', async () => {
    // A number from which Twilio lets nobody send.
    await inbox.sql("update channels set address = '+15005550007'");
    await add(grace, newNumber());
    const refused = await stateOf(grace, 'refused');
    expect(refused.code?.problem).toBeTruthy();
    const usage = await inbox.workspace.as('viewer').get<Usage>('/api/v1/usage?by=purpose');
    expect(usage.body.items).toMatchObject([{ key: 'code', segments: 0 }]);
  });

  it('that the carrier cannot bring to the phone says so, and its report is settled', async () => {
    twilio.simulator.fault({ kind: 'refuse', times: 1 });
    await add(grace, newNumber());
    const lost = await stateOf(grace, 'undelivered');
    expect(lost.code?.problem).toBeTruthy();
    await test.until('its reports to be settled', async () => {
      const rows = await inbox.sql<{ status: string }>('select status from deliveries');
      return rows.length > 0 && rows.every(({ status }) => status === 'processed');
    });
  });

  it('counts against the caps on segments, and is not sent where there is no room', async () => {
    const whole = { scope: 'workspace', period: 'day', unit: 'segments', limit: 1 };
    await inbox.workspace.as('admin').post('/api/v1/budget-caps', whole);
    expect((await add(grace, newNumber())).status).toBe(201);
    const refused = await add(grace, newNumber());
    expect([refused.status, codeOf(refused)]).toEqual([409, 'budget_exhausted']);
    expect(await list(grace)).toHaveLength(1);
  });

  it('goes to nobody who said STOP, to no country but the workspace’s own, and nowhere without a channel', async () => {
    const number = newNumber();
    await twilio.text({ from: number, body: 'STOP' });
    await test.settled();
    expect(codeOf(await add(grace, number))).toBe('consent_opted_out');
    const abroad = '+34612345678';
    expect(codeOf(await add(grace, abroad))).toBe('country_not_allowed');
    const admin = inbox.workspace.as('admin');
    expect((await admin.put('/api/v1/workspace', { codeCountries: ['ES'] })).status).toBe(200);
    expect((await add(grace, abroad)).status).toBe(201);
    expect((await admin.put('/api/v1/workspace', { codeCountries: ['XX'] })).status).toBe(400);
    expect((await admin.delete(`/api/v1/channels/${inbox.channel.id}`)).status).toBe(204);
    expect(codeOf(await add(grace, newNumber()))).toBe('no_text_channel');
  });

  it('is sent no sooner than a minute after the last one to its number, and five times in an hour, whoever asks and removes', async () => {
    const number = newNumber();
    let { id } = (await add(grace, number)).body;
    const soon = await again(grace, id);
    expect([soon.status, codeOf(soon)]).toEqual([429, 'too_many_codes']);
    expect(Number(soon.headers.get('retry-after'))).toBeGreaterThan(55);
    await grace.client.delete(`${path}/${id}`);
    expect((await add(grace, number)).status).toBe(429);
    for (let count = 1; count < 5; count += 1) {
      passes(61);
      const sent = await add(grace, number);
      expect(sent.status).toBe(201);
      id = sent.body.id;
      await grace.client.delete(`${path}/${id}`);
    }
    passes(61);
    const ada = await addMember(test, inbox.workspace);
    expect((await add(ada, number)).status).toBe(429);
    passes(3600);
    expect((await add(ada, number)).status).toBe(201);
  });

  it('is asked for eight times an hour by one member at most, however many numbers they name at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const statuses: number[] = [];
        for (let count = 0; count < 4; count += 1) {
          const { status, body } = await add(grace, newNumber());
          statuses.push(status);
          if (status === 201) await grace.client.delete(`${path}/${body.id}`);
        }
        return statuses;
      }),
    );
    const sent = answers.flat().filter((status) => status === 201);
    expect(sent).toHaveLength(8);
    await test.settled();
  });
});
