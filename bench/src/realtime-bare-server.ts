// The ceiling of fan-out: a bare `ws` server that sends the frames it is given to everybody, as fast as they leave.
import { setImmediate as turn } from 'node:timers/promises';
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.env.PORT),
  perMessageDeflate: false,
});
server.on('listening', () => process.send?.('ready'));
process.on('message', async (texts: readonly string[]) => {
  for (const text of texts) {
    const data = Buffer.from(text);
    for (const client of server.clients) client.send(data, { binary: false });
    await turn();
  }
  process.send?.('sent');
});
