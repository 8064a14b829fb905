// Addresses that were used against others, in the ways they are written to be overlooked. From OWASP's SSRF prevention cheat
// sheet, PayloadsAllTheThings, and what was reported against Chatwoot, n8n, LibreChat and Open WebUI.
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEgress, type Egress, EgressError } from './egress.ts';

const loopback = [
  ...['127.0.0.1', '127.0.0.2', '127.1', '127.0.1', '127.255.255.254', '127.0.0.1.', '127.000.000.001'],
  ...['2130706433', '0x7f000001', '0X7F000001', '017700000001', '0177.0.0.1', '0x7f.0.0.1', '0x7f.1'],
  ...['0177.0x0.0.1', '00000177.1', '0x7f.0x0.0x0.0x1', '127.0x1', '127.0.0x1', '0x7f.0.1'],
  ...['0.0.0.0', '0', '0x0', '00', '0.0.0.1', '000.000.000.000'],
  ...['%31%32%37.0.0.1', '127%2e0%2e0%2e1', '127.0.0.%31', '%6c%6fcalhost'],
  ...[
    '１２７.０.０.１',
    '①②⑦.⓪.⓪.①',
    '127。0。0。1',
    '127．0．0．1',
    '127｡0｡0｡1',
    '𝟏𝟐𝟕.0.0.1',
    '127.0.0.1\u00AD',
  ],
  ...['localhost', 'LOCALHOST', 'LocalHost', 'localhost.', 'ｌocalhost', 'loc\u00ADalhost', 'ⓛocalhost'],
];
const loopback6 = [
  ...['::1', '0:0:0:0:0:0:0:1', '0000:0000:0000:0000:0000:0000:0000:0001', '::', '0::0', '::0001'],
  ...['::ffff:127.0.0.1', '::FFFF:7f00:1', '0:0:0:0:0:ffff:127.0.0.1', '::ffff:0:127.0.0.1', '::127.0.0.1'],
  ...['::ffff:0.0.0.0', '::7f00:1', '64:ff9b::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::127.0.0.1'],
  ...['2002:7f00:1::', '2002:7f00:0001::1', '2001:0:7f00:1::', '2001:0000:4136:e378:8000:63bf:80ff:fffe'],
];
const inside = [
  ...['10.0.0.1', '10.255.255.255', '0xa.0.0.1', '012.0.0.1', '167772161', '10.1', '%31%30.0.0.1'],
  ...['172.16.0.1', '172.31.255.254', '2886729729', '0xac.16.0.1', '192.168.0.1', '192.168.1', '3232235521'],
  ...['0xc0a80001', '0300.0250.0.1', '192.168.255.255', '100.64.0.1', '100.127.255.254', '192.0.0.1'],
  ...['192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '198.19.255.255', '192.88.99.1'],
  ...['224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255', '0xffffffff', '4294967295'],
  ...['169.254.0.1', '169.254.255.255'],
];
const inside6 = [
  ...['fc00::1', 'fd00::1', 'fdff:ffff::1', 'fe80::1', 'febf::1', 'fec0::1', 'ff02::1', 'ff05::1:3'],
  ...['2001:db8::1', '2001:10::1', '2001:20::1', '100::1', '100:0:0:1::1', '5f00::1', '3fff::1', '4000::1'],
  ...['::ffff:10.0.0.1', '::ffff:192.168.0.1', '::ffff:172.16.0.1', '64:ff9b::10.0.0.1', '2002:a00:1::'],
  ...['2002:c0a8:1::', '64:ff9b::c0a8:1', '::10.0.0.1', '::ffff:0:a00:1'],
];
/** Where clouds tell a machine its own keys. */
const metadata = [
  ...['169.254.169.254', '169.254.169.254.', '0xa9fea9fe', '2852039166', '0251.0376.0251.0376'],
  ...['0xa9.0xfe.0xa9.0xfe', '169.254.43518', '169.16689662', '0xa9.254.0251.254', '①⑥⑨.②⑤④.①⑥⑨.②⑤④'],
  ...['169。254。169。254', '%31%36%39.254.169.254', '169.254.170.2', '169.254.170.23', '169.254.169.123'],
  ...['100.100.100.200', '192.0.0.192', '[::ffff:169.254.169.254]', '[::ffff:a9fe:a9fe]', '[fd00:ec2::254]'],
  ...['[fd20:ce::254]', '[64:ff9b::a9fe:a9fe]', '[2002:a9fe:a9fe::]', '[fe80::a9fe:a9fe]'],
];
const schemes = [
  ...[
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'file://localhost/etc/passwd',
    'gopher://127.0.0.1:6379/_INFO',
  ],
  ...['dict://127.0.0.1:11211/stats', 'ldap://127.0.0.1/', 'ldaps://127.0.0.1/', 'tftp://127.0.0.1/x'],
  ...[
    'sftp://127.0.0.1/',
    'ssh://127.0.0.1/',
    'telnet://127.0.0.1/',
    'smb://127.0.0.1/c$',
    'ws://127.0.0.1/',
  ],
  ...[
    'wss://127.0.0.1/',
    'data:text/html,hello',
    'javascript:alert(1)',
    'blob:http://127.0.0.1/x',
    'about:blank',
  ],
  ...['jar:http://127.0.0.1!/x', 'netdoc:///etc/passwd', 'php://filter', 'view-source:http://127.0.0.1/'],
  ...[
    'unix:///var/run/docker.sock',
    'http+unix://%2Fvar%2Frun%2Fdocker.sock/',
    'mailto:a@b.example',
    'node:fs',
  ],
];
/** What one parser reads as one host, and another as another; `PORT` is where somebody listens. */
const confusing = [
  ...['http://example.com@127.0.0.1:PORT/', 'http://a:b@127.0.0.1:PORT/', 'http://@127.0.0.1:PORT/'],
  ...['http://127.0.0.1:PORT#@example.com/', 'http://127.0.0.1:PORT?@example.com/'],
  ...[
    'http://127.0.0.1:PORT\\@example.com/',
    'http://127.0.0.1:PORT/@example.com',
    'http:\\\\127.0.0.1:PORT\\x',
  ],
  ...['http:127.0.0.1:PORT', 'http:/127.0.0.1:PORT', 'http:///127.0.0.1:PORT/', 'http:////127.0.0.1:PORT/'],
  ...[
    'HTTP://127.0.0.1:PORT/',
    'hTTp://127.0.0.1:PORT/',
    ' http://127.0.0.1:PORT/ ',
    '\thttp://127.0.0.1:PORT/',
  ],
  ...[
    'ht\ntp://127.0.0.1:PORT/',
    'http://127.0.\r\n0.1:PORT/',
    'http://127.0.0.1\t:PORT/',
    'http://[::1]:PORT#[::2]',
  ],
  ...[
    'http://127.0.0.1:PORT/\r\nHost: example.com',
    'http://127.0.0.1:PORT/..;/x',
    'http://127.0.0.1:0PORT/',
  ],
  ...[
    'http://example.com:80@127.0.0.1:PORT/',
    'http://example.com%40127.0.0.1:PORT/',
    'http://127.0.0.1%00:PORT/',
  ],
  ...[
    'http://127.0.0.1 :PORT/',
    'http://127.0.0.1,example.com/',
    'http://[127.0.0.1]:PORT/',
    'http://[::1%25lo]:PORT/',
  ],
  ...[
    'http://[::1%lo]:PORT/',
    'http://[fe80::1%25eth0]:PORT/',
    'http://[::1]x:PORT/',
    'http://[::1',
    'http://::1:PORT/',
  ],
  ...[
    '//127.0.0.1:PORT/',
    '127.0.0.1:PORT',
    '/etc/passwd',
    '',
    ' ',
    'http://',
    'http://:PORT/',
    'http://?',
    'http://#',
  ],
  ...[
    'http://127.0.0.1:PORTx/',
    'http://127.0.0.1:99999/',
    'http://127.0.0.1:-1/',
    'http://256.0.0.1/',
    'http://1.2.3.4.5/',
  ],
];

const all = [
  ...[...loopback, ...inside, ...metadata].flatMap((host) => [`http://${host}:PORT/`]),
  ...[...loopback6, ...inside6].map((host) => `http://[${host}]:PORT/latest/meta-data/`),
  ...metadata.map((host) => `https://${host}/latest/api/token`),
  ...schemes,
  ...confusing,
];

let server: Server;
let door: Egress;
let port = 0;
let reached = 0;
const sockets = new Set<Socket>();
beforeAll(async () => {
  server = createServer((socket) => {
    reached += 1;
    sockets.add(socket);
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  });
  const listen = (host: string) =>
    new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  // Both families where the machine has them.
  await listen('::').catch(() => listen('0.0.0.0'));
  const address = server.address();
  port = typeof address === 'object' && address ? address.port : 0;
  door = createEgress();
});
afterAll(async () => {
  await door.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

describe('an address from outside', () => {
  test(`there are ${all.length} of them, none twice`, () => {
    expect(all.length).toBeGreaterThanOrEqual(200);
    expect(new Set(all).size).toBe(all.length);
  });

  test.each(all)('reaches nothing of ours: %j', async (hostile) => {
    const url = hostile.replaceAll('PORT', String(port));
    const limits = { timeoutMs: 5_000, bytesMax: 1_000 };
    const ways = [
      () => door.request({ url, ...limits }),
      () => door.request({ url, ...limits, publicOnly: true }),
      () => door.stream({ url, bytesMax: 1_000, signal: AbortSignal.timeout(5_000) }),
      () => door.fetch(url, { signal: AbortSignal.timeout(5_000) }),
    ];
    for (const call of ways) {
      const error = await call().then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(Error);
      const own = error instanceof EgressError ? error : (error as Error).cause;
      if (own instanceof EgressError) expect(['forbidden', 'not_sent']).toContain(own.failure);
    }
    expect(reached).toBe(0);
  });

  test('and the same listener is reached where the operator allows it', async () => {
    const open = createEgress({ allowHosts: [`127.0.0.1:${port}`] });
    const { status } = await open.request({
      url: `http://127.0.0.1:${port}/`,
      timeoutMs: 5_000,
      bytesMax: 10,
    });
    await open.close();
    expect({ status, reached }).toEqual({ status: 200, reached: 1 });
  });
});
