// HTTP as nobody writes it by mistake: bytes on a socket.
import { connect } from 'node:net';

/**
 * Sends bytes as they are.
 * @param enough says when what came back will do; until the connection closes, when absent
 * @returns all that came back
 */
export function sendRaw(
  url: string,
  bytes: string | Buffer,
  enough?: (received: string) => boolean,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let received = '';
    socket.setTimeout(10_000, () => socket.destroy(new Error('the server neither answered nor closed')));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (enough?.(received)) socket.end(() => resolve(received));
    });
    socket.on('close', () => resolve(received));
    socket.on('error', (error) => (received ? resolve(received) : reject(error)));
  });
}

export const statusOf = (raw: string): number => Number(/^HTTP\/1\.1 (\d{3}) /.exec(raw)?.[1] ?? 0);

export function headersOf(raw: string): Headers {
  const headers = new Headers();
  for (const line of raw.slice(0, raw.indexOf('\r\n\r\n')).split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return headers;
}
