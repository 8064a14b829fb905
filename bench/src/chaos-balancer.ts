// A load balancer in front of the api processes: takes connections at one address, gives each to one that is up.
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Balancer {
  close(): Promise<void>;
}

export async function startBalancer(port: number, targets: () => readonly number[]): Promise<Balancer> {
  const sockets = new Set<Socket>();
  let turn = 0;
  const server: Server = createServer((incoming) => {
    const ports = targets();
    const target = ports[turn % Math.max(1, ports.length)];
    turn += 1;
    if (target === undefined) {
      incoming.destroy();
      return;
    }
    const outgoing = connect(target, '127.0.0.1');
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        incoming.destroy();
        outgoing.destroy();
      });
    }
    incoming.pipe(outgoing).pipe(incoming);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
