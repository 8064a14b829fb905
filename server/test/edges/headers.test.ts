// What every answer says to a browser, whoever makes it; who may read it; what may be kept of it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/core/identifiers.ts';
import { startTestApp, type TestApp, type TestWorkspace } from '../harness.ts';
import { headersOf, sendRaw, statusOf } from '../raw.ts';
import { documentedRoutes } from '../routes.ts';

const publicUrl = 'https://parley.example.com';
let test: TestApp;
let workspace: TestWorkspace;
let owner: Record<string, string>;
beforeAll(async () => {
  test = await startTestApp({
    environment: { PUBLIC_URL: publicUrl, CORS_ORIGINS: 'https://app.example.com' },
  });
  workspace = await test.workspace();
  owner = await workspace.as('owner').authorization();
});
afterAll(() => test.close());

const ask = async (path: string, init: RequestInit = {}) => {
  const answer = await fetch(`${test.url}${path}`, { redirect: 'manual', ...init });
  await answer.arrayBuffer();
  return answer;
};

function expectWalled(what: string, headers: Headers): void {
  const policy = headers.get('content-security-policy') ?? '';
  const directives = new Map(
    policy.split(';').map((directive): [string, string[]] => {
      const [name = '', ...values] = directive.trim().split(' ');
      return [name, values];
    }),
  );
  const scripts = directives.get('script-src') ?? directives.get('default-src') ?? ['*'];
  expect([what, scripts.filter((source) => !["'self'", "'none'"].includes(source))]).toEqual([what, []]);
  expect([what, directives.get('frame-ancestors') ?? policy]).toEqual([what, expect.anything()]);
  for (const [name, value] of [
    ['x-content-type-options', /^nosniff$/],
    ['referrer-policy', /^no-referrer$/],
    ['cross-origin-opener-policy', /^same-origin$/],
    ['cross-origin-resource-policy', /^same-origin$/],
    ['permissions-policy', /camera=\(\).*geolocation=\(\)/],
    ['strict-transport-security', /max-age=31536000/],
    ['x-frame-options', /^DENY$/],
  ] as const) {
    expect([what, name, headers.get(name)]).toEqual([what, name, expect.stringMatching(value)]);
  }
  expect([what, headers.get('x-powered-by'), headers.get('server')]).toEqual([what, null, null]);
}

describe('every answer', () => {
  it('carries the walls: pages, the API, errors of every maker, webhooks, what is no HTTP', async () => {
    const json = { 'content-type': 'application/json' };
    const answers: [string, Promise<{ status: number; headers: Headers }>, number][] = [
      ['the page', ask('/', { headers: { accept: 'text/html' } }), 0],
      ['a file that is not there', ask('/nothing.js'), 404],
      ['the documents', ask('/api/docs/'), 0],
      ['the API', ask('/api/v1/auth/me', { headers: owner }), 200],
      ['nobody', ask('/api/v1/auth/me'), 401],
      ['a wrong id', ask(`/api/v1/messages/${newId()}`, { headers: owner }), 404],
      [
        'a wrong body',
        ask('/api/v1/knowledge', { method: 'POST', headers: { ...owner, ...json }, body: '{' }),
        400,
      ],
      ['a wrong method', ask('/api/v1/auth/me', { method: 'PATCH', headers: owner }), 404],
      ['no address', ask('/api/nothing'), 404],
      ['a wrong address', ask('/api/v1/messages/%zz', { headers: owner }), 400],
      ['sign-in', ask('/api/auth/get-session'), 200],
      ['a wrong sign-in', ask('/api/auth/sign-in/email', { method: 'POST', headers: json, body: '{}' }), 0],
      ['a webhook', ask(`/webhook/twilio/${newId()}/inbound`, { method: 'POST' }), 0],
      ['a made-up link', ask('/media/made-up'), 404],
      ['a sign of life', ask('/livez'), 200],
      [
        'a preflight',
        ask('/api/v1/auth/me', {
          method: 'OPTIONS',
          headers: { origin: 'https://evil.example', 'access-control-request-method': 'GET' },
        }),
        0,
      ],
    ];
    for (const [what, answer, status] of answers) {
      const { headers, status: got } = await answer;
      if (status) expect([what, got]).toEqual([what, status]);
      expectWalled(what, headers);
    }
    for (const [what, bytes] of [
      ['no HTTP', 'NONSENSE\r\n\r\n'],
      ['too long', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ] as const) {
      expectWalled(what, headersOf(await sendRaw(test.url, bytes)));
    }
  });

  it('to a foreign page that wants a socket is a refusal with the walls', async () => {
    const raw = await sendRaw(
      test.url,
      'GET /api/v1/realtime HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://evil.example\r\n\r\n',
    );
    expect(statusOf(raw)).toBe(403);
    expectWalled('a refused socket', headersOf(raw));
  });

  it('of the API is kept by nobody, unless its route says for whom', async () => {
    const paths = documentedRoutes(test.app)
      .filter(
        ({ method, path, permission, query }) =>
          // What is open to everybody, such as the keys of tokens, may be kept by everybody.
          method === 'get' && permission !== 'public' && !path.includes('{') && query === '',
      )
      .map(({ path }) => path);
    expect(paths.length).toBeGreaterThan(20);
    for (const path of ['/api/v1/auth/me', '/api/v1/mails', ...paths]) {
      const { headers } = await ask(path, { headers: owner });
      expect([path, headers.get('cache-control')]).toEqual([
        path,
        expect.stringMatching(/no-store|^private/),
      ]);
    }
    const { headers } = await ask('/api/auth/get-session');
    expect(headers.get('cache-control')).toMatch(/no-store/);
  });
});

describe('an origin', () => {
  const origins: [string, boolean][] = [
    [publicUrl, true],
    ['https://app.example.com', true],
    ['http://parley.example.com', false],
    ['https://parley.example.com.evil.example', false],
    ['https://evil.example', false],
    ['https://app.example.com:444', false],
    ['https://sub.app.example.com', false],
    ['null', false],
  ];
  it('reads answers with a session only if it is in the list', async () => {
    for (const [origin, may] of origins) {
      const { headers } = await ask('/api/v1/auth/me', { headers: { ...owner, origin } });
      const allowed = headers.get('access-control-allow-origin');
      expect([origin, allowed === origin]).toEqual([origin, may]);
      expect(allowed).not.toBe('*');
      expect(headers.get('vary')?.toLowerCase()).toContain('origin');
    }
  });
});
