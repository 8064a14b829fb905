// A Twilio in the box: the HTTP side of Twilio's API 2010-04-01 that Parley uses, its webhooks, and its failures on
// request. The development number, the tests, the chaos run and the benchmark talk to it; setup.md says how.
import { parse as parseForm } from 'node:querystring';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Clock, systemClock } from '../../core/clock.ts';
import { type Carrier, createCarrier } from './simulator-carrier.ts';
import { controlRoutes } from './simulator-control.ts';
import { createFaults, type Faults } from './simulator-faults.ts';
import { messageRoutes, withoutJson } from './simulator-messages.ts';
import { numberRoutes } from './simulator-numbers.ts';
import { errorResource } from './simulator-resources.ts';
import { createState, type LedgerEntry, type SimulatorState, simulatedAccount } from './simulator-state.ts';
import { createWebhooks, type WebhookRetries } from './simulator-webhooks.ts';

export type { LedgerEntry, SimulatedMessage } from './simulator-state.ts';

export interface TwilioSimulatorOptions {
  readonly accounts: readonly z.input<typeof simulatedAccount>[];
  /** Opens the control calls (`/control/…`) as a bearer token; without one there are none. */
  readonly controlToken?: string;
  readonly clock?: Clock;
  /** Wait before each step of an accepted message (the last one repeats); `false`: messages stay as they are. */
  readonly statusCallbacks?: false | { readonly delaysMs: readonly number[] };
  /** Refuse sends to those who texted STOP with 21610. */
  readonly carrierOptOut?: boolean;
  readonly webhookRetries?: WebhookRetries;
  readonly webhookConcurrencyMax?: number;
  readonly webhookTimeoutMs?: number;
  /** Gets each accepted send as a line of JSON, written before the send is answered. */
  readonly ledgerFile?: string;
  /** Where media redirect to; the simulator itself when absent. */
  readonly mediaBaseUrl?: string;
  /** Sees every API call with its answer. */
  readonly onExchange?: (exchange: SimulatedExchange) => void;
}

export interface SimulatedExchange {
  readonly method: string;
  /** With its query string. */
  readonly url: string;
  readonly form: unknown;
  readonly status: number;
  readonly body: unknown;
}

export interface TwilioSimulator {
  /** `http://127.0.0.1:{port}` while it listens. */
  readonly url: string;
  listen(port?: number): Promise<string>;
  close(): Promise<void>;
  /** A person texts one of the numbers; resolves with the answer of the webhook. */
  text: Carrier['text'];
  /** Changes a message's status and calls back; resolves with the answer of the webhook. */
  status: Carrier['status'];
  fault: Faults['add'];
  /** Every accepted send, in order. */
  ledger(): readonly LedgerEntry[];
  /** All that went to or came from a number, in order. */
  messagesWith: SimulatorState['messagesWith'];
  /** Calls back with every message that is new or changed. Returns how to stop. */
  watch: SimulatorState['watch'];
  /** Resolves when no message and no webhook is on its way. */
  idle(): Promise<void>;
  /** Back to the state of the start: no messages, no ledger, no faults, the numbers as given. */
  reset(): void;
}

export function createTwilioSimulator(options: TwilioSimulatorOptions): TwilioSimulator {
  const clock = options.clock ?? systemClock;
  const accounts = z.array(simulatedAccount).parse(options.accounts);
  const state = createState(accounts, clock, options.ledgerFile);
  const faults = createFaults();
  const webhooks = createWebhooks(
    options.webhookConcurrencyMax ?? 32,
    options.webhookTimeoutMs ?? 15_000,
    options.webhookRetries ?? { count: 1, on: 'connection' },
  );
  let url = '';
  const carrier = createCarrier({
    state,
    faults,
    webhooks,
    clock,
    statusCallbacks: options.statusCallbacks ?? { delaysMs: [20] },
    baseUrl: () => url,
  });
  const simulator: TwilioSimulator = {
    get url() {
      return url;
    },
    async listen(port = 0) {
      url = await app.listen({ host: '127.0.0.1', port });
      return url;
    },
    async close() {
      carrier.reset();
      await app.close();
      await webhooks.close();
      state.close();
    },
    text: carrier.text,
    status: carrier.status,
    fault: faults.add,
    ledger: () => state.ledger,
    messagesWith: state.messagesWith,
    watch: state.watch,
    idle: carrier.idle,
    reset() {
      carrier.reset();
      faults.clear();
      state.reset();
    },
  };

  // forceCloseConnections: hanging answers are part of the trade here.
  const app = Fastify({ logger: false, forceCloseConnections: true, exposeHeadRoutes: false });
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, parseForm(String(body))),
  );
  app.setNotFoundHandler((request, reply) => {
    const message = `The requested resource ${request.url.split('?')[0]} was not found`;
    return reply.code(404).send(errorResource(20404, message, 404));
  });

  function authenticate(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    const caller = state.authenticate(request.headers.authorization);
    const { accountSid } = request.params as { accountSid: string };
    const account = state.accounts.get(withoutJson(accountSid));
    if (caller === null) {
      reply
        .code(401)
        .header('www-authenticate', 'Basic realm="Twilio API"')
        .send(errorResource(20003, 'Authenticate', 401));
    } else if (!account || (caller !== account.sid && caller !== account.parentSid)) {
      reply.callNotFound();
    } else if (account.status !== 'active' && request.method === 'POST') {
      reply.code(403).send(errorResource(20005, 'Account is not active', 403));
    } else done();
  }

  app.register(
    (api, _options, registered) => {
      api.addHook('onRequest', authenticate);
      const { onExchange } = options;
      if (onExchange) {
        api.addHook('onSend', (request, reply, payload, done) => {
          const body = typeof payload === 'string' ? parseOr(payload) : null;
          onExchange({
            method: request.method,
            url: request.url,
            form: request.body,
            status: reply.statusCode,
            body,
          });
          done(null, payload);
        });
      }
      messageRoutes(api, {
        state,
        faults,
        carrier,
        clock,
        carrierOptOut: options.carrierOptOut ?? false,
        mediaBaseUrl: () => options.mediaBaseUrl ?? url,
      });
      numberRoutes(api, state, clock);
      registered();
    },
    { prefix: '/2010-04-01/Accounts' },
  );
  app.get<{ Params: { message: string; medium: string } }>('/media/:message/:medium', (request, reply) => {
    const medium = state
      .message(request.params.message)
      ?.media.find(({ sid }) => sid === request.params.medium);
    return medium ? reply.type(medium.contentType).send(medium.body) : reply.callNotFound();
  });
  if (options.controlToken) controlRoutes(app, simulator, options.controlToken);
  return simulator;
}

function parseOr(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return payload;
  }
}
