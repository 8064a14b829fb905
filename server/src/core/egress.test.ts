import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { createEgress, type Egress, EgressError, type EgressRequest, isPublicAddress } from './egress.ts';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function egress(options: Parameters<typeof createEgress>[0] = { allowHosts: ['127.0.0.1'] }): Egress {
  const created = createEgress(options);
  closers.push(() => created.close());
  return created;
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

const http = (answer: RequestListener) => listen(createHttpServer(answer));
const tcp = (talk: (socket: Socket) => void) => listen(createServer(talk));

function request(port: number, more: Partial<EgressRequest> = {}): EgressRequest {
  return { url: `http://127.0.0.1:${port}/path?query=1`, timeoutMs: 2000, bytesMax: 1000, ...more };
}

async function failureOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EgressError);
  return (error as EgressError).failure;
}

describe('a call', () => {
  test('carries method, path, headers and body, and brings the whole answer back', async () => {
    const port = await http((received, answer) => {
      let body = '';
      received.on('data', (chunk) => {
        body += chunk;
      });
      received.on('end', () => {
        answer.writeHead(201, { 'X-Answer': 'yes', 'Set-Cookie': ['a=1', 'b=2'] });
        answer.end(`${received.method} ${received.url} ${received.headers['x-asked']} ${body}`);
      });
    });
    const answer = await egress().request(
      request(port, { method: 'POST', headers: { 'X-Asked': 'it' }, body: 'text' }),
    );
    expect(answer.status).toBe(201);
    expect(answer.headers['x-answer']).toBe('yes');
    expect(answer.headers['set-cookie']).toBe('a=1, b=2');
    expect(answer.body.toString()).toBe('POST /path?query=1 it text');
  });

  test('returns a redirect as it is and does not follow it', async () => {
    let calls = 0;
    const port = await http((_received, answer) => {
      calls += 1;
      answer.writeHead(307, { Location: 'http://127.0.0.1:1/elsewhere' }).end();
    });
    const answer = await egress().request(request(port));
    expect(answer.status).toBe(307);
    expect(answer.headers.location).toBe('http://127.0.0.1:1/elsewhere');
    expect(calls).toBe(1);
  });

  test('that is given up before it starts sends nothing', async () => {
    let calls = 0;
    const port = await http((_received, answer) => {
      calls += 1;
      answer.end();
    });
    const door = egress();
    expect(await failureOf(door.request(request(port, { signal: AbortSignal.abort() })))).toBe('not_sent');
    await door.request(request(port));
    expect(calls).toBe(1);
  });

  test('that is given up while the provider thinks is unanswered', async () => {
    const abort = new AbortController();
    const port = await http(() => abort.abort());
    expect(await failureOf(egress().request(request(port, { signal: abort.signal })))).toBe('unanswered');
  });

  test('that cannot be written as HTTP is refused', async () => {
    const port = await http((_received, answer) => answer.end());
    const broken = request(port, { headers: { 'X-Broken': 'a\r\nInjected: b' } });
    expect(await failureOf(egress().request(broken))).toBe('forbidden');
  });
});

describe('nothing left', () => {
  test('when nobody listens', async () => {
    const port = await tcp(() => {});
    await closers.pop()?.();
    expect(await failureOf(egress().request(request(port)))).toBe('not_sent');
  });

  test('when the name does not exist', async () => {
    // RFC 6761 section 6.4: names under .invalid never resolve.
    const url = 'http://parley.invalid/';
    expect(await failureOf(egress().request({ url, timeoutMs: 5000, bytesMax: 10 }))).toBe('not_sent');
  });

  test('when the other side does not speak TLS', async () => {
    let heard = Buffer.alloc(0);
    const port = await tcp((socket) =>
      socket.on('data', (chunk) => {
        heard = Buffer.concat([heard, chunk]);
        socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      }),
    );
    const secret = request(port, { url: `https://127.0.0.1:${port}/`, headers: { Authorization: 'secret' } });
    expect(await failureOf(egress().request(secret))).toBe('not_sent');
    expect(heard.includes('secret')).toBe(false);
  });

  test('when the TLS handshake hangs until the time limit', async () => {
    const port = await tcp(() => {});
    const url = `https://127.0.0.1:${port}/`;
    expect(await failureOf(egress().request(request(port, { url, timeoutMs: 100 })))).toBe('not_sent');
  });

  test('when every connection is taken until the time limit', async () => {
    let calls = 0;
    const port = await http(() => {
      calls += 1;
    });
    const door = egress({ allowHosts: ['127.0.0.1'], connectionsPerOriginMax: 1 });
    const first = failureOf(door.request(request(port, { timeoutMs: 1000 })));
    expect(await failureOf(door.request(request(port, { timeoutMs: 300 })))).toBe('not_sent');
    expect(await first).toBe('unanswered');
    expect(calls).toBe(1);
  });
});

describe('the request may have arrived', () => {
  test('when the connection is reset after the request was written', async () => {
    const port = await tcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await failureOf(egress().request(request(port, { method: 'POST', body: 'once' })))).toBe(
      'unanswered',
    );
  });

  test('when no answer comes within the time limit', async () => {
    const port = await tcp((socket) => socket.resume());
    expect(await failureOf(egress().request(request(port, { timeoutMs: 500 })))).toBe('unanswered');
  });

  test('when the answer drips slower than the time limit', async () => {
    const port = await tcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n');
      const drip = setInterval(() => socket.write('x'), 10);
      socket.on('close', () => clearInterval(drip));
    });
    const drip = request(port, { timeoutMs: 500, bytesMax: 200_000 });
    expect(await failureOf(egress().request(drip))).toBe('unanswered');
  });

  test('when the answer is cut short', async () => {
    const port = await tcp((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')),
    );
    expect(await failureOf(egress().request(request(port)))).toBe('unanswered');
  });

  test('when the answer is no HTTP', async () => {
    const port = await tcp((socket) => socket.once('data', () => socket.end('not http at all\r\n\r\n')));
    expect(await failureOf(egress().request(request(port)))).toBe('unanswered');
  });

  test('when a kept connection is reset as it is used again, and the request is not written twice', async () => {
    let written = 0;
    const port = await tcp((socket) =>
      socket.on('data', () => {
        written += 1;
        if (written === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        else socket.resetAndDestroy();
      }),
    );
    const door = egress();
    expect((await door.request(request(port))).body.toString()).toBe('ok');
    expect(await failureOf(door.request(request(port, { method: 'POST', body: 'once' })))).toBe('unanswered');
    expect(written).toBe(2);
  });
});

describe('the size limit', () => {
  test('fails an answer that announces too much', async () => {
    const port = await http((_received, answer) => answer.end(Buffer.alloc(1001)));
    expect(await failureOf(egress().request(request(port)))).toBe('too_large');
  });

  test('fails an answer that never says how much it is, without reading on', async () => {
    let sent = 0;
    const port = await http((_received, answer) => {
      const pour = () => {
        while (!answer.destroyed && sent < 50_000_000) {
          sent += 10_000;
          if (!answer.write(Buffer.alloc(10_000))) {
            answer.once('drain', pour);
            return;
          }
        }
      };
      pour();
    });
    expect(await failureOf(egress().request(request(port)))).toBe('too_large');
    expect(sent).toBeLessThan(50_000_000);
  });

  test('takes an answer of exactly that length', async () => {
    const port = await http((_received, answer) => answer.end(Buffer.alloc(1000)));
    expect((await egress().request(request(port))).body.length).toBe(1000);
  });
});

describe('the guard', () => {
  test.each([
    'ftp://example.com/',
    'file:///etc/passwd',
    'not a url',
    'http://user:password@example.com/',
    'http://user@example.com/',
  ])('refuses %s', async (url) => {
    expect(await failureOf(egress().request({ url, timeoutMs: 1000, bytesMax: 10 }))).toBe('forbidden');
  });

  test.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '192.0.0.8',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '[::]',
    '[::1]',
    '[::127.0.0.1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:8.8.8.8]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b:1::1]',
    '[2002:7f00:1::]',
    '[2001::1]',
    '[2001:db8::1]',
    '[fc00::1]',
    '[fe80::1]',
    '[fec0::1]',
    '[ff02::1]',
    'localhost',
  ])('lets nothing reach %s', async (host) => {
    const port = await tcp(() => {
      throw new Error('the guard let a connection through');
    });
    const url = `http://${host}:${port}/`;
    const door = egress({ allowHosts: [] });
    expect(await failureOf(door.request({ url, timeoutMs: 2000, bytesMax: 10 }))).toBe('forbidden');
  });

  test('lets the operator allow one port of a host and no other', async () => {
    const allowed = await http((_received, answer) => answer.end('ok'));
    const other = await http((_received, answer) => answer.end('ok'));
    const door = egress({ allowHosts: [`127.0.0.1:${allowed}`, `LocalHost:${allowed}`] });
    expect((await door.request(request(allowed))).status).toBe(200);
    expect((await door.request(request(allowed, { url: `http://localhost:${allowed}/` }))).status).toBe(200);
    expect(await failureOf(door.request(request(other)))).toBe('forbidden');
    expect(await failureOf(door.request(request(other, { url: `http://localhost:${other}/` })))).toBe(
      'forbidden',
    );
  });

  test('lets nothing out without TLS where credentials are sent, but to hosts of the operator’s', async () => {
    const allowed = await http((_received, answer) => answer.end('ok'));
    const door = egress({ allowHosts: [`127.0.0.1:${allowed}`], isEncrypted: true });
    expect((await door.request(request(allowed))).status).toBe(200);
    for (const plain of ['http://8.8.8.8:9/', 'http://[2606:4700:4700::1111]:9/']) {
      expect(await failureOf(door.request({ url: plain, timeoutMs: 2000, bytesMax: 10 }))).toBe('forbidden');
      await expect(door.fetch(plain)).rejects.toThrow();
    }
  });

  test('lets nothing reach a host that is not in the operator’s list, where there is one', async () => {
    const port = await http((_received, answer) => answer.end('ok'));
    const door = egress({
      allowHosts: [`127.0.0.1:${port}`],
      onlyHosts: ['api.example.com', '*.example.org:443'],
    });
    const tried = async (url: string) => failureOf(door.request({ url, timeoutMs: 2000, bytesMax: 10 }));
    // What the operator allows although it is private is allowed.
    expect((await door.request(request(port))).status).toBe(200);
    for (const url of [
      ...[
        'https://8.8.8.8/',
        'https://example.com/',
        'https://example.org/',
        'https://api.example.com.evil.test/',
      ],
      ...['https://evilexample.org/', 'https://a.example.org:8443/', 'https://api.example.com./'],
    ])
      expect([url, await tried(url)]).toEqual([url, 'forbidden']);
    // They pass the list, and then have no address, or none that answers.
    for (const url of ['https://api.example.com:1/', 'https://a.b.example.org/'])
      expect([url, await tried(url)]).toEqual([url, 'not_sent']);
  });

  test('lets public addresses through and no embedded ones', () => {
    for (const address of ['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700:4700::1111']) {
      expect(isPublicAddress(address), address).toBe(true);
    }
    expect(isPublicAddress('not an address')).toBe(false);
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isPublicAddress(`::ffff:${address}`)).toBe(false);
        expect(isPublicAddress(`64:ff9b::${address}`)).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom('10', '127', '0', '224', '240'), fc.ipV4(), (first, address) => {
        expect(isPublicAddress(address.replace(/^\d+/, first))).toBe(false);
      }),
    );
  });
});

describe('the fetch for libraries', () => {
  test('speaks as fetch does and streams', async () => {
    const port = await http((received, answer) => {
      answer.writeHead(200, { 'Content-Type': 'text/event-stream' });
      received.on('data', (chunk) => answer.write(`data: ${chunk}\n\n`));
      received.on('end', () => answer.end('data: end\n\n'));
    });
    const answer = await egress().fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'hello' });
    expect(answer).toBeInstanceOf(Response);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(await answer.text()).toBe('data: hello\n\ndata: end\n\n');
  });

  test('takes a Request', async () => {
    const port = await http((received, answer) => {
      answer.setHeader('X-Method', `${received.method} ${received.headers['x-asked']}`);
      received.pipe(answer);
    });
    const url = `http://127.0.0.1:${port}/`;
    const posted = await egress().fetch(
      new Request(url, { method: 'POST', body: 'hello', headers: { 'X-Asked': 'it' } }),
    );
    expect(posted.headers.get('x-method')).toBe('POST it');
    expect(await posted.text()).toBe('hello');
    expect((await egress().fetch(new Request(url))).headers.get('x-method')).toBe('GET undefined');
  });

  test('is under the same guard and follows no redirect', async () => {
    const port = await http((_received, answer) =>
      answer.writeHead(302, { Location: 'http://169.254.169.254/' }).end(),
    );
    expect((await egress().fetch(`http://127.0.0.1:${port}/`)).status).toBe(302);
    await expect(egress({}).fetch(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
      cause: { failure: 'forbidden' },
    });
    await expect(egress().fetch('http://user:password@127.0.0.1/')).rejects.toMatchObject({
      failure: 'forbidden',
    });
  });

  test('has a time limit and a size limit', async () => {
    const silent = await tcp((socket) => socket.resume());
    const long = await http((_received, answer) => answer.end(Buffer.alloc(2000)));
    const door = egress({ allowHosts: ['127.0.0.1'], fetchTimeoutMs: 500, fetchBytesMax: 1000 });
    await expect(door.fetch(`http://127.0.0.1:${silent}/`)).rejects.toMatchObject({ name: 'TimeoutError' });
    const answer = await door.fetch(`http://127.0.0.1:${long}/`);
    await expect(answer.arrayBuffer()).rejects.toMatchObject({ failure: 'too_large' });
  });
});
