// What happens to a webhook call: whose it is, whether it is genuine, into the journal, and only then acknowledged.
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Counter } from 'prom-client';
import { ParleyError } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import type { Kernel } from '../../core/kernel.ts';
import { type ChannelAdapter, ProviderPayloadError, type WebhookRequest } from './adapter.ts';
import { channelAdapters, type OpenChannel, storable } from './connections.ts';
import { packPayload, payloadPlace } from './deliveries.ts';
import { Journal, JournalFullError } from './journal.ts';
import type { Refused } from './refusals.ts';
import { channelRuntime } from './runtime.ts';

const bodyBytesMax = 64 * 1024;
const retryAfterSeconds = 1;

/** `POST /webhook/{provider}/{hook}` for every adapter and hook, in a scope of its own that leaves bodies raw. */
export function registerWebhooks(server: FastifyInstance, kernel: Kernel): void {
  const runtime = kernel.use(channelRuntime);
  const journal = new Journal(kernel, kernel.config.INGEST_QUEUE_MAX);
  const refused = kernel.metrics.counter('parley_webhook_refused_total', 'Webhook calls that were refused.', [
    'provider',
    'hook',
    'reason',
  ]);
  const accepted = kernel.metrics.counter(
    'parley_webhook_total',
    'Webhook calls that were verified: new, duplicate, or (failed, shed) left for the provider to call again.',
    ['provider', 'hook', 'outcome'],
  );

  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: bodyBytesMax }, (_request, body, done) =>
      done(null, body),
    );
    scope.addHook('onClose', () => runtime.close());
    for (const adapter of kernel.use(channelAdapters).values()) {
      for (const hook of Object.values(adapter.hooks)) {
        const labels = { provider: adapter.provider, hook };
        const shed = () => {
          accepted.inc({ ...labels, outcome: 'shed' });
          return unavailable('Too many calls are waiting. Call again.');
        };
        const webhook = new Webhook(kernel, journal, adapter, hook, refused);
        scope.post(`/webhook/${adapter.provider}/${hook}`, {
          schema: {
            summary: `Where ${adapter.provider} calls (${hook})`,
            description: 'Signed by the provider; answered when the call is safe in the journal.',
            tags: ['webhooks'],
          },
          config: { permission: 'public', rateLimit: false },
          bodyLimit: bodyBytesMax,
          // Before the body is read: what is shed must cost less than what is served.
          onRequest: (_request, _reply, done) => {
            if (journal.isFull) done(shed());
            else done();
          },
          errorHandler: (error, request, reply) => {
            if ((error as { code?: string }).code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
              refused.inc({ ...labels, reason: 'too_large' });
            }
            return server.errorHandler(error, request, reply);
          },
          handler: async (request, reply) => {
            try {
              const recorded = await webhook.receive(request);
              accepted.inc({ ...labels, outcome: recorded });
              return acknowledge(reply, adapter);
            } catch (error) {
              if (error instanceof ParleyError) throw error;
              if (error instanceof JournalFullError) throw shed();
              accepted.inc({ ...labels, outcome: 'failed' });
              throw unavailable('The call could not be stored. Call again.', error);
            }
          },
        });
      }
    }
  });
}

function acknowledge(reply: FastifyReply, { acknowledgement }: ChannelAdapter): FastifyReply {
  return reply.header('content-type', acknowledgement.contentType).send(acknowledgement.body);
}

function unavailable(message: string, cause?: unknown): ParleyError {
  return new ParleyError({
    status: 503,
    code: 'unavailable',
    message,
    headers: { 'retry-after': String(retryAfterSeconds) },
    cause,
  });
}

const refusalAnswers: Readonly<Record<Refused, { status: number; message: string }>> = {
  unreadable: { status: 400, message: 'This is no call that the provider makes.' },
  missing_signature: { status: 403, message: 'The call is not signed.' },
  wrong_signature: { status: 403, message: 'The signature does not fit the call.' },
  wrong_url: { status: 403, message: 'The signature does not fit the call at this address.' },
  unknown_number: { status: 404, message: 'No channel is connected for this call.' },
};

/** One hook of one provider. */
class Webhook {
  readonly #kernel: Kernel;
  readonly #journal: Journal;
  readonly #adapter: ChannelAdapter;
  readonly #hook: string;
  readonly #refused: Counter<'provider' | 'hook' | 'reason'>;
  readonly #publicHost: string;

  constructor(
    kernel: Kernel,
    journal: Journal,
    adapter: ChannelAdapter,
    hook: string,
    refused: Counter<'provider' | 'hook' | 'reason'>,
  ) {
    this.#kernel = kernel;
    this.#journal = journal;
    this.#adapter = adapter;
    this.#hook = hook;
    this.#refused = refused;
    this.#publicHost = new URL(kernel.config.publicUrl).host;
  }

  /** @throws ParleyError for a call that is refused; JournalFullError; whatever kept the journal from storing it */
  async receive(request: FastifyRequest): Promise<'new' | 'duplicate'> {
    const { connections, activity } = this.#kernel.use(channelRuntime);
    const call = this.#read(request);
    const address = this.#identify(call);
    const candidates = await connections.forWebhook({ provider: this.#adapter.provider, ...address });
    const channel = this.#verify(call, candidates, address.accountId, request);
    const vault = await this.#kernel.keyring.vault(channel.workspaceId);
    const id = newId();
    const receivedAt = this.#kernel.clock.date();
    const recorded = await this.#journal.add({
      id,
      workspaceId: channel.workspaceId,
      channelId: channel.id,
      hook: this.#hook,
      deliveryKey: this.#keyOf(call),
      payload: vault.seal(packPayload(call.urls[0] ?? '', call.rawBody), payloadPlace(id)),
      requestId: request.id,
      receivedAt,
    });
    if (this.#hook === this.#adapter.hooks.inbound) activity.note(channel.id, 'inbound', receivedAt);
    return recorded;
  }

  #read(request: FastifyRequest): WebhookRequest {
    return {
      hook: this.#hook,
      urls: candidateUrls(request, this.#kernel.config),
      headers: request.headers as Readonly<Record<string, string | undefined>>,
      rawBody: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    };
  }

  #identify(call: WebhookRequest) {
    try {
      return this.#adapter.identify(call);
    } catch (error) {
      if (error instanceof ProviderPayloadError) throw this.#refuse('unreadable', null);
      throw error;
    }
  }

  /** The first channel whose credentials the signature fits, the replaced ones of a rotation among them. */
  #verify(
    call: WebhookRequest,
    candidates: readonly OpenChannel[],
    accountId: string | null,
    request: FastifyRequest,
  ): OpenChannel {
    const [likeliest] = candidates;
    if (!likeliest) {
      if (accountId) {
        const { refusals } = this.#kernel.use(channelRuntime);
        refusals.noteUnknownNumber(this.#adapter.provider, accountId, this.#hook);
      }
      throw this.#refuse('unknown_number', null);
    }
    let reason: Refused | null = null;
    for (const channel of candidates) {
      for (const credentials of [channel.current, channel.previous]) {
        if (credentials === null) continue;
        const verification = this.#adapter.verify(call, credentials);
        if (verification.ok) return channel;
        reason ??= verification.reason;
      }
    }
    const host = request.headers.host ?? '';
    // Under another name than the public one, something in between may have hidden the URL that was signed.
    const hidden = reason === 'wrong_signature' && host !== this.#publicHost;
    throw this.#refuse(hidden ? 'wrong_url' : (reason ?? 'unreadable'), likeliest);
  }

  /** A genuine call without a key of the provider's is kept all the same: it can be looked at, and replayed. */
  #keyOf(call: WebhookRequest): string {
    try {
      const key = this.#adapter.deliveryKey(call);
      if (storable(key) === key) return key;
    } catch (error) {
      if (!(error instanceof ProviderPayloadError)) throw error;
    }
    return `unkeyed:${createHash('sha256').update(call.rawBody).digest('hex')}`;
  }

  #refuse(reason: Refused, channel: OpenChannel | null): ParleyError {
    this.#refused.inc({ provider: this.#adapter.provider, hook: this.#hook, reason });
    if (channel) this.#kernel.use(channelRuntime).refusals.note(channel, this.#hook, reason);
    const { status, message } = refusalAnswers[reason];
    return new ParleyError({ status, code: reason, message });
  }
}

/**
 * Every URL by which the provider may have reached us. Believing a header here lets nobody in: the signature still
 * has to fit, and only the provider and we can make one.
 */
function candidateUrls(request: FastifyRequest, config: Kernel['config']): string[] {
  const path = request.raw.url ?? '';
  const urls = [`${config.publicUrl}${path}`];
  const add = (scheme: string, host: string | undefined) => {
    const url = `${scheme}://${host}${path}`;
    if (host && !urls.includes(url)) urls.push(url);
  };
  if (config.PARLEY_TRUST_PROXY) {
    const scheme = first(request.headers['x-forwarded-proto']) ?? 'https';
    const host = first(request.headers['x-forwarded-host']) ?? request.headers.host;
    const port = first(request.headers['x-forwarded-port']);
    add(scheme, host);
    if (host && port && !/:\d+$/.test(host)) add(scheme, `${host}:${port}`);
  }
  // A tunnel or a proxy that ends TLS often leaves the name as it was.
  add('https', request.headers.host);
  add('http', request.headers.host);
  return urls;
}

/** Of the proxies on the way, the one that the provider spoke to wrote the first value. */
function first(header: string | string[] | undefined): string | undefined {
  return (Array.isArray(header) ? header[0] : header)?.split(',')[0]?.trim() || undefined;
}
