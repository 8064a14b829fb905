// A real mail server on this machine, for tests: it takes mails and remembers them, and refuses when it is told to.
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

export interface ArrivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers, whose names are in lower case; long ones are joined again. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

export interface MailServer {
  /** As SMTP_URL says it. */
  readonly url: string;
  readonly arrived: ArrivedMail[];
  /** How many mails were offered, taken or not. */
  offered(): number;
  /** The code with which the next mail is refused: 4yz for now, 5yz for good. */
  refuseNext(code: number): void;
  close(): Promise<void>;
}

const user = 'parley';
const password = 'p@ss word';

export async function startMailServer(): Promise<MailServer> {
  const arrived: ArrivedMail[] = [];
  let offered = 0;
  let refusal: number | null = null;
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: (given, _session, done) => {
      const fits = given.username === user && given.password === password;
      done(fits ? null : new Error('wrong user or password'), fits ? { user } : {});
    },
    onRcptTo: (address, _session, done) => {
      offered += 1;
      const code = refusal;
      refusal = null;
      // As servers do it: with the address in the answer.
      done(
        code === null ? null : Object.assign(new Error(`${address.address} refused`), { responseCode: code }),
      );
    },
    onData: (stream, { envelope }, done) => {
      buffer(stream).then((raw) => {
        const from = envelope.mailFrom ? envelope.mailFrom.address : '';
        arrived.push({ from, to: envelope.rcptTo.map(({ address }) => address), ...parse(raw.toString()) });
        done();
      }, done);
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `smtp://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}`,
    arrived,
    offered: () => offered,
    refuseNext: (code) => {
      refusal = code;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A plain mail, in one part. */
function parse(raw: string): Pick<ArrivedMail, 'headers' | 'text'> {
  const [head = '', ...body] = raw.split('\r\n\r\n');
  const headers = new Map(
    head
      .replaceAll(/\r\n[ \t]/g, ' ')
      .split('\r\n')
      .map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
  );
  const encoded = body.join('\r\n\r\n');
  return { headers, text: decode(encoded, headers.get('content-transfer-encoding')).trim() };
}

function decode(text: string, encoding: string | undefined): string {
  if (encoding === 'base64') return Buffer.from(text, 'base64').toString();
  if (encoding !== 'quoted-printable') return text;
  const bytes = text
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
