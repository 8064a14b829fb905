import { expect, it } from 'vitest';
import { loadConfig } from './config.ts';

const postgres = { DATABASE_URL: 'postgres://localhost/parley' };

it('a worker that is given no port takes a free one, and knows the API by its usual address', () => {
  for (const PORT of [undefined, '', '0']) {
    const worker = loadConfig({ ...postgres, PARLEY_ROLE: 'worker', PORT });
    expect(worker).toMatchObject({ PORT: 0, publicUrl: 'http://localhost:3000' });
  }
  expect(loadConfig({ ...postgres, PARLEY_ROLE: 'worker', PORT: '8080' }).PORT).toBe(8080);
});

it('who serves the API listens on port 3000 unless told otherwise', () => {
  for (const PARLEY_ROLE of ['api', 'all', undefined]) {
    const config = loadConfig({ ...postgres, PARLEY_ROLE });
    expect(config).toMatchObject({ PORT: 3000, publicUrl: 'http://localhost:3000' });
  }
  expect(loadConfig({ PORT: '8080' })).toMatchObject({ PORT: 8080, publicUrl: 'http://localhost:8080' });
});

it('a worker sends callbacks to PUBLIC_URL, whatever its own port is', () => {
  const PUBLIC_URL = 'https://parley.example.com/';
  const worker = loadConfig({ ...postgres, PUBLIC_URL, PARLEY_ROLE: 'worker' });
  expect(worker.publicUrl).toBe('https://parley.example.com');
});

it('does not start with a mail server and no address for the links in its mails', () => {
  const SMTP_URL = 'smtp://mail.example.com';
  expect(() => loadConfig({ SMTP_URL })).toThrow(/PUBLIC_URL/);
  expect(loadConfig({ SMTP_URL, PUBLIC_URL: 'https://parley.example.com' }).publicUrl).toBe(
    'https://parley.example.com',
  );
});
