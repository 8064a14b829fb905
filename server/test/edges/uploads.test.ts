// Forms that mean harm: bombs, forms without an end, names that are paths, kinds that are not what they say.
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../harness.ts';
import { headersOf, sendRaw, statusOf } from '../raw.ts';

let test: TestApp;
let workspace: TestWorkspace;
let key: string;
beforeAll(async () => {
  test = await startTestApp();
  workspace = await test.workspace();
  key = (await workspace.as('owner').authorization()).authorization ?? '';
});
afterAll(() => test.close());

const path = '/api/v1/media';
const boundary = 'x-boundary';

/** Sends a body as a form, whatever it is. */
async function send(body: string | Buffer, type = `multipart/form-data; boundary=${boundary}`, more = '') {
  const bytes = Buffer.from(body as string);
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${key}\r\nContent-Type: ${type}\r\n${more}Content-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`;
  const raw = await sendRaw(test.url, Buffer.concat([Buffer.from(head), bytes]));
  return { status: statusOf(raw), raw, headers: headersOf(raw) };
}

const card = 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nEND:VCARD\r\n';
const part = (disposition: string, content = card, more = '') =>
  `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n${content}\r\n`;
const end = `--${boundary}--\r\n`;
const file = 'name="file"; filename="a.vcf"';

async function lives(): Promise<void> {
  expect((await test.anonymous.get('/livez')).status).toBe(200);
}

describe('a form', () => {
  it('that is as it should be is taken', async () => {
    expect((await send(part(file) + end)).status).toBe(201);
  });

  it('that is broken in any way that has crashed others is refused, and the server lives', async () => {
    const broken: [string, Awaited<ReturnType<typeof send>> | Promise<Awaited<ReturnType<typeof send>>>][] = [
      ['no end', send(part(file))],
      ['no boundary', send(part(file) + end, 'multipart/form-data')],
      ['an empty boundary', send(part(file) + end, 'multipart/form-data; boundary=')],
      ['an endless boundary', send(part(file) + end, `multipart/form-data; boundary=${'x'.repeat(5000)}`)],
      ['another boundary', send(part(file) + end, 'multipart/form-data; boundary=other')],
      ['nothing', send('')],
      ['only an end', send(end)],
      ['no name', send(part('filename="a.vcf"') + end)],
      ['an empty name', send(part('name=""; filename=""') + end)],
      ['no disposition', send(`--${boundary}\r\n\r\nHello.\r\n${end}`)],
      [
        'a header without an end',
        send(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a`),
      ],
      ['a field and no file', send(part('name="file"') + end)],
      ['two files', send(part(file) + part(file) + end)],
      ['a thousand files', send(part(file).repeat(1000) + end)],
      ['a thousand fields', send(part('name="a"').repeat(1000) + end)],
      ['a field of the prototype', send(part('name="__proto__"') + part('name="constructor"') + end)],
      ['many headers', send(part(file, card, 'X-Many: 1\r\n'.repeat(3000)) + end)],
      ['a huge header', send(part(file, card, `X-Huge: ${'x'.repeat(100_000)}\r\n`) + end)],
      ['a huge name', send(part(`name="file"; filename="${'x'.repeat(100_000)}"`) + end)],
      [
        'a charset that is none',
        send(part(file) + end, `multipart/form-data; boundary=${boundary}; charset=none`),
      ],
      ['JSON that says it is a form', send('{"files":{"upload":{"filepath":"/etc/passwd"}}}')],
      ['a form that says it is JSON', send(part(file) + end, 'application/json')],
      [
        'JSON that names a file of the server',
        send('{"files":{"upload":{"filepath":"/etc/passwd","originalFilename":"x"}}}', 'application/json'),
      ],
    ];
    for (const [what, answer] of broken) {
      const { status, raw } = await answer;
      // A name or a header that was too long may have been cut, and a file is a file all the same.
      const mayPass = [
        'a huge name',
        'a charset that is none',
        'an empty name',
        'no name',
        'a huge header',
        'many headers',
      ].includes(what);
      const verdict =
        status >= 400 && status < 500 ? 'refused' : status === 201 && mayPass ? 'refused' : status;
      expect([what, verdict]).toEqual([what, 'refused']);
      expect([what, raw.includes('root:')]).toEqual([what, false]);
      await lives();
    }
  });

  it('that is broken off leaves nothing, and the server lives', async () => {
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${key}\r\nContent-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: 100000\r\n\r\n`;
    await new Promise<void>((resolve) => {
      void import('node:net').then(({ connect }) => {
        const { hostname, port } = new URL(test.url);
        const socket = connect(Number(port), hostname, () =>
          socket.write(head + part(file, 'half of it'), () => socket.destroy()),
        );
        socket.on('close', () => resolve());
        socket.on('error', () => undefined);
      });
    });
    await lives();
  });

  it('that is longer than allowed is refused before all of it is there', async () => {
    const huge = 'x'.repeat(6 * 1024 * 1024);
    const { status } = await send(part(file, huge) + end);
    expect(status).toBe(413);
    await lives();
  });

  it('that is compressed is not opened: no bomb goes off', async () => {
    const { gzipSync } = await import('node:zlib');
    const bomb = gzipSync(Buffer.from(part(file, 'x'.repeat(1_000_000)) + end));
    expect((await send(bomb, undefined, 'Content-Encoding: gzip\r\n')).status).toBeGreaterThanOrEqual(400);
    const json = gzipSync(Buffer.from(JSON.stringify({ title: 'x'.repeat(1_000_000) })));
    const raw = await sendRaw(
      test.url,
      Buffer.concat([
        Buffer.from(
          `POST /api/v1/knowledge HTTP/1.1\r\nHost: x\r\nAuthorization: ${key}\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: ${json.length}\r\nConnection: close\r\n\r\n`,
        ),
        json,
      ]),
    );
    expect(statusOf(raw)).toBe(400);
  });
});

describe('a file', () => {
  it('is what its bytes say, whatever its name and type say; what runs is not taken', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
    const html = '<!doctype html><script>alert(1)</script>';
    for (const [text, name, type] of [
      [svg, 'a.svg', 'image/svg+xml'],
      [svg, 'a.png', 'image/png'],
      [html, 'a.html', 'text/html'],
      [html, 'a.jpg', 'image/jpeg'],
      [`GIF89a/*${html}*/`, 'a.gif', 'image/gif'],
    ] as const) {
      const { raw, status } = await send(
        part(`name="file"; filename="${name}"`, text, `Content-Type: ${type}\r\n`) + end,
      );
      if (status >= 400) continue;
      const { id } = JSON.parse(raw.slice(raw.indexOf('\r\n\r\n') + 4)) as { id: string };
      const shown = await fetch(`${test.url}${path}/${id}`, { headers: { authorization: key } });
      await shown.arrayBuffer();
      expect([name, shown.headers.get('content-type')]).toEqual([name, expect.stringMatching(/^image\/gif/)]);
      expect(shown.headers.get('content-type')).not.toMatch(/html|svg|xml/);
      expect(shown.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
      expect(shown.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('whose name is a path, or holds what divides headers, leads nowhere', async () => {
    const before = await readdir(test.kernel.config.PARLEY_DATA);
    for (const name of [
      '../../../../tmp/parley-out.txt',
      '..\\\\..\\\\out.txt',
      '/etc/cron.d/out',
      'a\u0000.html',
      'a%0d%0aSet-Cookie: x=1.txt',
      'con.txt',
      '.htaccess',
    ]) {
      const { status, raw } = await send(part(`name="file"; filename="${name}"`) + end);
      expect([name, status === 201 || (status >= 400 && status < 500)]).toEqual([name, true]);
      if (status !== 201) continue;
      const { id } = JSON.parse(raw.slice(raw.indexOf('\r\n\r\n') + 4)) as { id: string };
      const { headers } = await fetch(`${test.url}${path}/${id}`, { headers: { authorization: key } });
      expect(headers.get('content-disposition')).toBe(`attachment; filename="${id}.vcf"`);
      expect(headers.getSetCookie()).toEqual([]);
    }
    expect((await readdir(test.kernel.config.PARLEY_DATA)).filter((name) => !before.includes(name))).toEqual(
      [],
    );
  });
});
