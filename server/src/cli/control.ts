// The operator's way into a running server: the embedded database serves one process, so commands that need it are run
// there. A listener on loopback whose address and token stand in the data folder, readable by its owner only.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import Fastify from 'fastify';
import { z } from 'zod';
import { ParleyError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { AnyCommand, CommandHost } from './command.ts';
import {
  type answerLine,
  type ControlFile,
  controlPath,
  describeFailure,
  readControl,
} from './control-client.ts';

const call = z.object({ name: z.string(), input: z.record(z.string(), z.unknown()) });
const stillRunningMs = 15_000;

export interface ControlListener {
  close(): Promise<void>;
}

/** Listens for commands and writes where to find it, for the owner of the data folder only. */
export async function startControl(options: {
  readonly folder: string;
  readonly commands: readonly AnyCommand[];
  readonly host: (signal: AbortSignal) => CommandHost;
  readonly log: Logger;
}): Promise<ControlListener> {
  const { folder, commands, log } = options;
  const token = randomBytes(32).toString('base64url');
  const stopping = new AbortController();
  const server = Fastify({ logger: false, bodyLimit: 1024 * 1024, forceCloseConnections: true });

  server.addHook('onRequest', async (request, reply) => {
    if (!isToken(request.headers.authorization, token)) {
      const error = { code: 'unauthenticated', message: 'The control token is missing or wrong.' };
      await reply.code(401).send({ error });
    }
  });
  server.post('/commands', async (request, reply) => {
    const { name, input } = call.parse(request.body);
    reply.hijack();
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    reply.raw.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const write = (line: z.input<typeof answerLine>) => reply.raw.write(`${JSON.stringify(line)}\n`);
    const timer = setInterval(() => reply.raw.write('\n'), stillRunningMs);
    try {
      const command = commands.find((candidate) => candidate.name === name);
      if (!command) throw unknownCommand(name);
      const host = options.host(AbortSignal.any([gone.signal, stopping.signal]));
      const output = await command.run(host, command.input.parse(input), (progress) => write({ progress }));
      write({ output });
    } catch (error) {
      if (!(error instanceof ParleyError) && !(error instanceof z.ZodError)) {
        log.error({ err: error, command: name }, 'a command of the operator failed');
      }
      write({ error: describeFailure(error) });
    } finally {
      clearInterval(timer);
      reply.raw.end();
    }
  });

  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const file = controlPath(folder);
  const content: ControlFile = { url, token, pid: process.pid };
  await writeFile(`${file}.${process.pid}`, JSON.stringify(content), { mode: 0o600 });
  await rename(`${file}.${process.pid}`, file);
  return {
    close: async () => {
      stopping.abort();
      const current = await readControl(folder);
      if (current?.token === token) await rm(file, { force: true });
      await server.close();
    },
  };
}

function isToken(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}

function unknownCommand(name: string): ParleyError {
  return new ParleyError({
    status: 404,
    code: 'unknown_command',
    message: `The running server knows no command "${name}": it is of another version. Restart it.`,
  });
}
