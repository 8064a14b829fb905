import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../test/harness.ts';
import { type MailServer, startMailServer } from '../../test/mail-server.ts';
import { createSmtpTransport } from '../providers/smtp/transport.ts';
import { forgetOldMails, mailer, maskAddress } from './mail.ts';

let server: MailServer;
let test: TestApp;
beforeAll(async () => {
  server = await startMailServer();
  test = await startTestApp({
    environment: { SMTP_URL: server.url, MAIL_FROM: 'Parley <parley@example.com>' },
  });
});
afterAll(async () => {
  await test.close();
  await server.close();
});

const waiting = async (app: TestApp) =>
  app.kernel.database.asSystem((queries) =>
    queries.sql<{ id: string; sealed: Uint8Array }>('select id, sealed from mails order by created_at'),
  );
const hello = (to: string) => ({
  to,
  subject: 'Ein Gruß',
  text: 'Follow this link: https://parley.example.com/reset-password#token=abc\n\nAté logo.',
});

describe('a mail', () => {
  it('arrives as it was written, and nothing of it stays', async () => {
    await test.kernel.use(mailer).post(hello('ada@example.com'));
    const mail = await test.until('the mail', async () =>
      server.arrived.find(({ to }) => to.includes('ada@example.com')),
    );
    expect(mail).toMatchObject({ from: 'parley@example.com', to: ['ada@example.com'] });
    expect(mail.text.replaceAll('\r\n', '\n')).toBe(hello('').text);
    expect(mail.headers.get('subject')).toMatch(/^=\?UTF-8\?/);
    expect(mail.headers.get('from')).toBe('Parley <parley@example.com>');
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    await test.until('the mail to be forgotten', async () => (await waiting(test)).length === 0);
  });

  it('goes to one address, whatever is written as one', async () => {
    await test.kernel.use(mailer).post(hello('eve@example.com, "x" <victim@example.com>'));
    await test.settled();
    await test.until('the mail to be forgotten', async () => (await waiting(test)).length === 0);
    expect(server.arrived.filter(({ to }) => to.includes('victim@example.com'))).toEqual([]);
  });

  it('that the server does not take now is sent again, under the same Message-ID', async () => {
    const before = server.offered();
    server.refuseNext(451);
    await test.kernel.use(mailer).post(hello('grace@example.com'));
    const [row] = await waiting(test);
    const mail = await test.until('the mail', async () =>
      server.arrived.find(({ to }) => to.includes('grace@example.com')),
    );
    expect(server.offered() - before).toBe(2);
    expect(mail.headers.get('message-id')).toBe(`<${row?.id}@parley>`);
    expect(Buffer.from(row?.sealed ?? []).toString('latin1')).not.toContain('token');
  });

  it('that a server takes for ever is given up, and its connection with it', async () => {
    const open = new Set<Socket>();
    const slow = createServer((socket) => {
      open.add(socket);
      socket.on('close', () => open.delete(socket)).on('error', () => undefined);
      // Never silent, and never done.
      const drip = setInterval(() => socket.write('2'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const { port } = slow.address() as AddressInfo;
    const transport = createSmtpTransport(`smtp://127.0.0.1:${port}`, 'parley@example.com', { sendMs: 300 });
    const failure = await transport
      .send({ ...hello('ada@example.com'), id: 'one' }, new AbortController().signal)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'MailError', isFinal: false });
    expect(String(failure)).toContain('it took too long');
    await test.until('the connection to be closed', async () => open.size === 0);
    await new Promise((resolve) => slow.close(resolve));
  });

  it('that the server refuses for good is forgotten, and the log names nobody', async () => {
    const before = server.offered();
    server.refuseNext(550);
    await test.kernel.use(mailer).post(hello('nobody@example.com'));
    await test.until('the log', async () =>
      test.logged.some((line) => line.includes('could not be sent and is forgotten') && line.includes('550')),
    );
    await test.until('the mail to be forgotten', async () => (await waiting(test)).length === 0);
    await test.settled();
    expect(server.offered() - before).toBe(1);
    expect(test.logged.filter((line) => line.includes('nobody@'))).toEqual([]);
  });
});

describe('without a mail server', () => {
  it('the demo keeps its mails for a week, and the log has one masked line for each', async () => {
    const demo = await startTestApp({ environment: { PARLEY_DEMO: 'true' } });
    try {
      const mails = demo.kernel.use(mailer);
      await mails.post(hello('ada@example.com'));
      await mails.post(hello('grace@example.com'));
      expect((await mails.listKept(10)).map(({ to }) => to)).toEqual([
        'grace@example.com',
        'ada@example.com',
      ]);
      const lines = demo.logged.filter((line) => line.includes('a mail is kept'));
      expect(lines).toHaveLength(2);
      expect(lines[0]).toContain('a…@e….com');
      expect(demo.logged.filter((line) => /ada@|token=abc/.test(line))).toEqual([]);
      const ctx = demo.kernel.systemContext();
      await forgetOldMails(ctx);
      expect(await waiting(demo)).toHaveLength(2);
      const nextWeek = demo.kernel.clock.now() + 7 * 86_400_000 + 60_000;
      await forgetOldMails({ ...ctx, clock: { ...ctx.clock, now: () => nextWeek } });
      expect(await waiting(demo)).toEqual([]);
    } finally {
      await demo.close();
    }
  });

  it('no mail is kept anywhere else, and the log warns', async () => {
    const bare = await startTestApp();
    try {
      await bare.kernel.use(mailer).post(hello('ada@example.com'));
      expect(await waiting(bare)).toEqual([]);
      expect(bare.logged.filter((line) => line.includes('SMTP_URL'))).toHaveLength(1);
    } finally {
      await bare.close();
    }
  });
});

it('an address is masked, whatever it is', () => {
  expect(
    ['owner@parley.local', 'a@b', '', 'nonsense', 'a@b@mail.example.org'].map((address) =>
      maskAddress(address),
    ),
  ).toEqual(['o…@p….local', 'a…@b…', '…@…', '…@…', 'a…@m….org']);
});
