// The simulator's control calls: what a test in another process, or a person with curl, asks of it.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { TwilioSimulator } from './simulator.ts';
import { inboundText, statusChange } from './simulator-carrier.ts';
import { faultRule } from './simulator-faults.ts';

const ledgerQuery = z.object({ since: z.coerce.number().int().nonnegative().default(0) });

/**
 * - `GET /control/ledger?since=N` → `{ count, entries }`, entries from the Nth on
 * - `POST /control/text` { from, to, body, media?, messageSid? } → `{ messageSid, answer }`
 * - `POST /control/status` { sid, status, errorCode? } → `{ answer }`
 * - `POST /control/faults` { kind, times?, probability?, seed?, on?, delayMs? } → 204
 * - `POST /control/idle` → 204 when nothing is on its way
 * - `POST /control/reset` → 204
 */
export function controlRoutes(app: FastifyInstance, simulator: TwilioSimulator, token: string): void {
  app.register(
    (control, _options, registered) => {
      control.addHook('onRequest', (request, reply, done) => {
        if (request.headers.authorization === `Bearer ${token}`) done();
        else reply.code(401).send({ message: 'the control token is missing or wrong' });
      });
      control.setErrorHandler((error, _request, reply) => {
        const message = error instanceof Error ? error.message : 'unknown error';
        return reply.code(400).send({ message });
      });
      control.get('/ledger', (request) => {
        const { since } = ledgerQuery.parse(request.query);
        const ledger = simulator.ledger();
        return { count: ledger.length, entries: ledger.slice(since) };
      });
      control.post('/text', (request) => simulator.text(inboundText.parse(request.body)));
      control.post('/status', async (request) => ({
        answer: await simulator.status(statusChange.parse(request.body)),
      }));
      control.post('/faults', (request, reply) => {
        simulator.fault(faultRule.parse(request.body));
        return reply.code(204).send();
      });
      control.post('/idle', async (_request, reply) => {
        await simulator.idle();
        return reply.code(204).send();
      });
      control.post('/reset', (_request, reply) => {
        simulator.reset();
        return reply.code(204).send();
      });
      registered();
    },
    { prefix: '/control' },
  );
}
