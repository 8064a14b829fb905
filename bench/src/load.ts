// Sends prepared HTTP requests over plain sockets, so that the sender costs little beside what is measured.
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly index: number;
  readonly status: number;
  readonly milliseconds: number;
}

export interface LoadOptions {
  readonly port: number;
  readonly connections: number;
  /** The next request's bytes; null ends the run. */
  readonly next: () => { index: number; bytes: Buffer } | null;
  readonly onAnswer: (answer: Answer) => void;
}

/** Bytes of a form POST. */
export function formPost(
  port: number,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Buffer {
  const lines = [
    `POST ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** One connection that carries one request at a time. A dropped connection answers with status 0 and comes back. */
class Line {
  #socket: Socket | undefined;
  #received = '';
  #current: { index: number; started: number } | null = null;
  readonly #port: number;
  readonly #done: (answer: Answer) => void;

  constructor(port: number, done: (answer: Answer) => void) {
    this.#port = port;
    this.#done = done;
  }

  get idle(): boolean {
    return this.#current === null;
  }

  send(index: number, bytes: Buffer, started = performance.now()): void {
    this.#current = { index, started };
    this.#received = '';
    this.#socket ??= this.#open();
    this.#socket.write(bytes);
  }

  #open(): Socket {
    const socket = connect(this.#port, '127.0.0.1').setNoDelay(true);
    socket.setEncoding('latin1');
    const lost = () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      socket.destroy();
      this.#settle(0);
    };
    socket.on('error', lost).on('close', lost);
    socket.on('data', (chunk: string) => this.#read(chunk));
    return socket;
  }

  #read(chunk: string): void {
    this.#received += chunk;
    const head = this.#received.indexOf('\r\n\r\n');
    if (head === -1) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#received.slice(0, head))?.[1] ?? 0);
    if (this.#received.length < head + 4 + length) return;
    const status = Number(this.#received.slice(9, 12));
    if (/\r\nconnection: close/i.test(this.#received.slice(0, head))) {
      const socket = this.#socket;
      this.#socket = undefined;
      socket?.destroy();
    }
    this.#settle(status);
  }

  #settle(status: number): void {
    const current = this.#current;
    if (!current) return;
    this.#current = null;
    this.#done({ index: current.index, status, milliseconds: performance.now() - current.started });
  }

  close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }
}

/** As fast as the answers come: every connection sends its next request when its last one was answered. */
export async function closedLoop(
  options: LoadOptions & { durationMs: number },
): Promise<{ seconds: number }> {
  const started = performance.now();
  const end = started + options.durationMs;
  await Promise.all(
    Array.from(
      { length: options.connections },
      () =>
        new Promise<void>((resolve) => {
          const advance = () => {
            const request = performance.now() < end ? options.next() : null;
            if (request) return line.send(request.index, request.bytes);
            line.close();
            resolve();
          };
          const line = new Line(options.port, (answer) => {
            options.onAnswer(answer);
            advance();
          });
          advance();
        }),
    ),
  );
  return { seconds: (performance.now() - started) / 1000 };
}

/**
 * At a rate of its own, whatever the answers do. Latency counts from when a request was due, so that a stall is not
 * hidden by the requests that it kept from being sent (coordinated omission).
 */
export async function openLoop(
  options: LoadOptions & { durationMs: number; perSecond: number },
): Promise<void> {
  const waiting: { index: number; bytes: Buffer; due: number }[] = [];
  let outstanding = 0;
  let finished = false;
  await new Promise<void>((resolve) => {
    const lines = Array.from(
      { length: options.connections },
      () =>
        new Line(options.port, (answer) => {
          outstanding -= 1;
          options.onAnswer(answer);
          pump();
          if (finished && outstanding === 0 && waiting.length === 0) {
            for (const line of lines) line.close();
            resolve();
          }
        }),
    );
    const pump = () => {
      for (const line of lines) {
        if (!line.idle) continue;
        const request = waiting.shift();
        if (!request) return;
        outstanding += 1;
        line.send(request.index, request.bytes, request.due);
      }
    };
    const started = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      const now = performance.now();
      const due = Math.floor(
        ((Math.min(now, started + options.durationMs) - started) / 1000) * options.perSecond,
      );
      for (; sent < due; sent += 1) {
        const request = options.next();
        if (request) waiting.push({ ...request, due: started + (sent / options.perSecond) * 1000 });
      }
      pump();
      if (now >= started + options.durationMs) {
        clearInterval(timer);
        finished = true;
        if (outstanding === 0 && waiting.length === 0) resolve();
      }
    }, 2);
  });
}
