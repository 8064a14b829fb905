// What the operator allows for one purpose, nobody reaches by another.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Model, ModelTest } from '@parley/contract/models';
import type { HttpTool, ToolTest } from '@parley/contract/tools';
import type { TrainingData } from '@parley/contract/training-data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from './harness.ts';

const purposes = ['models', 'pages', 'tools'] as const;
type Purpose = (typeof purposes)[number];

/** One private server for each purpose, which would serve all of them; what it was asked for. */
const servers = new Map<
  Purpose,
  { readonly server: Server; readonly host: string; readonly asked: string[] }
>();
let test: TestApp;
let workspace: TestWorkspace;

async function serve(redirectTo: (path: string) => string | null) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const location = redirectTo(path);
    if (location !== null) response.writeHead(302, { location }).end();
    else if (path === '/robots.txt') response.writeHead(404).end();
    else if (path.endsWith('/chat/completions')) {
      response.writeHead(200, { 'content-type': 'application/json' });
      const message = { role: 'assistant', content: 'Hello.' };
      response.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }] }));
    } else {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<main><h1>Hours</h1><p>We open at nine.</p></main>');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const of = (purpose: Purpose) => {
  const found = servers.get(purpose);
  if (!found) throw new Error(`nobody serves ${purpose}`);
  return found;
};

beforeAll(async () => {
  for (const purpose of purposes) {
    servers.set(
      purpose,
      // Under another name it is another host, which is allowed as well.
      await serve((path) => {
        if (path === '/away') return `http://${of('pages').host.replace('127.0.0.1', 'localhost')}/inside`;
        return path === '/moved' ? '/hours' : null;
      }),
    );
  }
  test = await startTestApp({
    environment: {
      EGRESS_ALLOW_HOSTS: of('models').host,
      EGRESS_ALLOW_PAGE_HOSTS: `${of('pages').host},localhost`,
      EGRESS_ALLOW_TOOL_HOSTS: of('tools').host,
      EGRESS_ONLY_HOSTS: 'api.example.com',
    },
  });
  workspace = await test.workspace();
});
afterAll(async () => {
  await test.close();
  for (const { server } of servers.values()) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const admin = () => workspace.as('admin');

/** Whether it was reached, in the words of whoever tried. */
const attempts: Readonly<
  Record<Purpose | 'tool servers', (host: string, scheme?: string) => Promise<boolean>>
> = {
  models: async (host, scheme = 'http') => {
    const name = `Model at ${host}`;
    const made = await admin().post<Model>('/api/v1/models', {
      name,
      baseUrl: `${scheme}://${host}/v1`,
      model: 'x',
    });
    const tried = await admin().post<ModelTest>(`/api/v1/models/${made.body.id}/tests`, {});
    if (!tried.body.ok) expect(tried.body.code).toBe('address_forbidden');
    return tried.body.ok;
  },
  pages: async (host, scheme = 'http') => {
    const { state, error } = await readPage(`${scheme}://${host}/hours`);
    if (state !== 'ready') expect(error?.code).toBe('address_forbidden');
    return state === 'ready';
  },
  tools: async (host, scheme = 'http') => {
    const made = await admin().post<HttpTool>('/api/v1/http-tools', {
      name: `tool_${host.replace(/\D/g, '_')}`,
      description: 'Looks.',
      input: { type: 'object', properties: {} },
      method: 'GET',
      url: `${scheme}://${host}/hours`,
    });
    const tried = await admin().post<ToolTest>(`/api/v1/http-tools/${made.body.id}/tests`, { input: {} });
    if (!tried.body.ok) expect(tried.body.result).toBe('This address may not be called.');
    return tried.body.ok;
  },
  // Nobody here speaks the protocol: what counts is who was asked.
  'tool servers': async (host, scheme = 'http') => {
    const before = asked(host).length;
    const made = await admin().post('/api/v1/tool-servers', { name: 'away', url: `${scheme}://${host}/mcp` });
    expect(made.status).toBe(502);
    return asked(host).length > before;
  },
};

const asked = (host: string) => [...servers.values()].find((server) => server.host === host)?.asked ?? [];

async function readPage(url: string): Promise<TrainingData> {
  const { body } = await admin().post<TrainingData>('/api/v1/training-data', { kind: 'page', url });
  return test.until('the page to be read', async () => {
    const read = await admin().get<TrainingData>(`/api/v1/training-data/${body.id}`);
    return !['queued', 'reading'].includes(read.body.state) && read.body;
  });
}

describe('a private host', () => {
  it.each(Object.keys(attempts) as (keyof typeof attempts)[])(
    'is reached by %s where it is allowed for them, and where it is for others it is not',
    async (by) => {
      const allowed = by === 'tool servers' ? 'tools' : by;
      // The allowed one first: an open connection must serve nobody else.
      const order = purposes.toSorted((one) => (one === allowed ? -1 : 1));
      for (const purpose of order) {
        const { host } = of(purpose);
        const before = asked(host).length;
        expect([by, purpose, await attempts[by](host)]).toEqual([by, purpose, purpose === allowed]);
        if (purpose !== allowed) expect(asked(host)).toHaveLength(before);
      }
    },
  );

  it('is not reached by a redirect from another host, though its own pages may be read', async () => {
    const { host } = of('pages');
    expect(await readPage(`http://${host}/away`)).toMatchObject({ error: { code: 'address_forbidden' } });
    expect(of('pages').asked).not.toContain('/inside');
    expect(await readPage(`http://${host}/moved`)).toMatchObject({ state: 'ready' });
  });
});

it.each(['models', 'tools', 'tool servers'] as const)(
  'what goes to %s holds credentials and what people said, and goes over no line that anybody reads',
  async (by) => {
    // Each of them sees to it that nothing but “not allowed” is said.
    expect(await attempts[by]('api.example.com:9')).toBe(false);
  },
);

it.each(Object.keys(attempts) as (keyof typeof attempts)[])(
  'a public host that is not in the operator’s list is not called by %s',
  async (by) => {
    expect(await attempts[by]('8.8.4.4:9', 'https')).toBe(false);
  },
);
