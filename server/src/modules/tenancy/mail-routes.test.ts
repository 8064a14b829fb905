import type { KeptMail, Start } from '@parley/contract/tenancy';
import { expect, it } from 'vitest';
import { startTestApp } from '../../../test/harness.ts';
import { mailer } from '../../core/mail.ts';

const mail = { to: 'ada@example.com', subject: 'Hello', text: 'A link: https://parley.example.com/' };

it('the demo’s mails are shown to owners of its workspace, and to nobody else', async () => {
  const test = await startTestApp({ environment: { PARLEY_DEMO: 'true' } });
  try {
    const demo = await test.workspace();
    const later = await test.workspace();
    await test.kernel.use(mailer).post(mail);
    const read = (workspace: typeof demo, role: 'owner' | 'admin') =>
      workspace.as(role).get<{ items: KeptMail[] }>('/api/v1/mails');
    const shown = await read(demo, 'owner');
    expect(shown).toMatchObject({ status: 200, body: { items: [mail] } });
    expect(await read(demo, 'admin')).toMatchObject({ status: 403 });
    expect(await read(later, 'owner')).toMatchObject({ status: 200, body: { items: [] } });
    expect((await test.anonymous.get<Start>('/api/v1/start')).body.mail).toBe('kept');
  } finally {
    await test.close();
  }
});

it('where mails are sent, or dropped, none is shown', async () => {
  for (const [environment, way] of [
    [{ PARLEY_DEMO: 'true', SMTP_URL: 'smtp://127.0.0.1:9' }, 'sent'],
    [{}, 'none'],
  ] as const) {
    const test = await startTestApp({ environment });
    try {
      const workspace = await test.workspace();
      await test.kernel.use(mailer).post(mail);
      expect((await workspace.as('owner').get('/api/v1/mails')).body).toEqual({ items: [] });
      expect((await test.anonymous.get<Start>('/api/v1/start')).body.mail).toBe(way);
    } finally {
      await test.close();
    }
  }
});
