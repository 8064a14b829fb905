import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig } from '../../core/config.ts';
import type { Finding } from './finding.ts';
import { examineDoors, examineSecrets } from './secrets.ts';

const said = (findings: readonly Finding[]) =>
  findings.filter(({ level }) => level !== 'ok').map(({ level, message }) => `${level}: ${message}`);
const PUBLIC_URL = 'https://parley.example.com';
const SMTP_URL = 'smtp://mail.example.com';
const DATABASE_URL = 'postgres://localhost/parley';
const sound = { PUBLIC_URL, SMTP_URL, DATABASE_URL };

it('a secret that can be guessed is found, and a random one is not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-doctor-'));
  const examine = async (environment: Record<string, string>) =>
    said(await examineSecrets(loadConfig(environment), folder));
  for (const secret of [
    'changeme-changeme-changeme-changeme',
    'your_secret_of_at_least_32_characters',
    'abababababababababababababababababab',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    'my default secret for this little thing',
    'Password Password Password Password!',
  ]) {
    expect([secret, await examine({ PARLEY_SECRET: secret })]).toEqual([
      secret,
      [expect.stringMatching(/^problem: PARLEY_SECRET/)],
    ]);
  }
  const random = 'q3Zr8sVb1mKp0TnXy5LwHc9DfGj2EaUi7RoSvBtMzNQ';
  expect(await examine({ PARLEY_SECRET: random })).toEqual([]);
  expect(await examine({ PARLEY_SECRET: random, PARLEY_PREVIOUS_SECRET: random })).toHaveLength(1);
  // As Supabase's own examples have it.
  const published = 'super-secret-jwt-token-with-at-least-32-characters-long';
  const project = { SUPABASE_URL: 'https://x.supabase.co', SUPABASE_JWT_SECRET: published };
  expect(await examine(project)).toEqual([expect.stringMatching(/^problem: SUPABASE_JWT_SECRET/)]);
  for (const [url, count] of [
    ['smtp://u:changeme@mail.example.com', 1],
    ['smtp://parley:parley@mail.example.com', 1],
    ['smtp://u:q3Zr8sVb1mKp@mail.example.com', 0],
    ['smtp://u:changeme@127.0.0.1', 0],
  ] as const)
    expect([url, (await examine({ SMTP_URL: url, PUBLIC_URL })).length]).toEqual([url, count]);
  await writeFile(join(folder, '.env'), 'PARLEY_SECRET=x');
  await chmod(join(folder, '.env'), 0o644);
  expect(await examine({})).toEqual([expect.stringContaining('can be read by others (mode 644)')]);
  await chmod(join(folder, '.env'), 0o600);
  expect(await examine({})).toEqual([]);
  await rm(folder, { recursive: true });
});

it('a door that is open too wide is found', () => {
  const examine = (environment: Record<string, string>) => said(examineDoors(loadConfig(environment)));
  expect(examine(sound)).toEqual([]);
  expect(examine({})).toEqual([]);
  for (const [environment, message] of [
    [{ PUBLIC_URL: 'http://parley.example.com' }, /^problem: .* is not encrypted/],
    [{ SMTP_URL: '' }, /^warning: No mail server/],
    [{ PARLEY_DEMO: 'true' }, /^warning: The demo runs/],
    [{ PARLEY_OWNER_PASSWORD: 'a first password' }, /^warning: The first owner/],
    [{ CORS_ORIGINS: '*' }, /^problem: CORS_ORIGINS has \*/],
    [{ CORS_ORIGINS: 'https://app.example.com/' }, /^problem: CORS_ORIGINS/],
    [{ CORS_ORIGINS: 'http://app.example.com' }, /^warning: Pages of http:/],
    [{ EGRESS_ALLOW_HOSTS: '*' }, /^problem: EGRESS_ALLOW_HOSTS has \*/],
    [{ EGRESS_ALLOW_PAGE_HOSTS: '10.0.0.0/8' }, /^problem: EGRESS_ALLOW_PAGE_HOSTS/],
    [{ EGRESS_ALLOW_TOOL_HOSTS: '169.254.169.254' }, /^problem: .*credentials/],
    [
      { EGRESS_ALLOW_TOOL_HOSTS: Array.from({ length: 30 }, (_, index) => `host-${index}`).join() },
      /^warning: .* opens 30/,
    ],
  ] as const) {
    expect(examine({ ...sound, ...environment })).toEqual([expect.stringMatching(message)]);
  }
});

it('what everybody who signs up would share of the operator’s is found, and only where everybody may', () => {
  const examine = (environment: Record<string, string>) =>
    said(examineDoors(loadConfig({ ...sound, ...environment })));
  const model = { preset: 'groq', name: 'Groq', model: 'llama' };
  const withKey = { MODELS: JSON.stringify([{ ...model, apiKey: 'gsk' }]) };
  const directory = { MONITOR_API_URL: 'https://monitor.example.com', MONITOR_API_TOKEN: 'token' };
  const open = { SIGN_UP: 'open' };
  expect(examine({ ...withKey, ...directory })).toEqual([]);
  expect(examine({ ...open, MODELS: JSON.stringify([model]) })).toEqual([]);
  expect(examine({ ...open, ...directory })).toEqual([
    expect.stringMatching(/^warning: .*names the owners of numbers to every workspace/),
  ]);
  expect(examine({ ...open, ...withKey })).toEqual([
    expect.stringMatching(/^warning: .*may use the models of MODELS/),
  ]);
});
