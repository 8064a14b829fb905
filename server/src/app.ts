// The composition root: the explicit list of modules and providers, joined to a core and started in a role.
import type { FastifyInstance } from 'fastify';
import { auditTrail } from './core/audit.ts';
import { type Clock, systemClock } from './core/clock.ts';
import type { Config } from './core/config.ts';
import { coreModule } from './core/core-module.ts';
import { secretKeyWrapper } from './core/crypto.ts';
import type { Database } from './core/database.ts';
import { createEgress, type EgressOptions } from './core/egress.ts';
import { Following } from './core/follower.ts';
import type { HealthProbe } from './core/health.ts';
import { holdsPort } from './core/holds.ts';
import { bind, Kernel } from './core/kernel.ts';
import type { Logger } from './core/log.ts';
import { createMailer, mailer, mailTransport } from './core/mail.ts';
import { migrateUp } from './core/migrations.ts';
import type { Module } from './core/module.ts';
import { coreProbes, createWorkerServer, registerOperations } from './core/operations.ts';
import { eventPermissions, saidFrames, socketCredentials } from './core/realtime/credentials.ts';
import { Live, livePort } from './core/realtime/live.ts';
import { readSecret } from './core/secret.ts';
import { createFileStorage, storagePort } from './core/storage.ts';
import { startTracing, type Tracing } from './core/tracing.ts';
import { version } from './core/version.ts';
import { analyticsModule } from './modules/analytics/module.ts';
import { assistantRuntime, createAssistantRuntime } from './modules/assistant/assistant.ts';
import { assistantModule } from './modules/assistant/module.ts';
import { channelAdapters, channelRuntime, createChannelRuntime } from './modules/channels/channels.ts';
import { channelsModule } from './modules/channels/module.ts';
import { createOpenModels, openModels } from './modules/commerce/commerce.ts';
import { commerceModule } from './modules/commerce/module.ts';
import {
  codeTexts,
  createMediaLinks,
  LockedWork,
  lockedWork,
  mediaLinks,
  segmentLedger,
} from './modules/conversations/conversations.ts';
import { contactDirectory } from './modules/conversations/directory.ts';
import { conversationsModule, tellTyping } from './modules/conversations/module.ts';
import {
  createInferenceRuntime,
  inferenceRuntime,
  knowledgeEmbedder,
  segmentBooks,
  thisMachine,
} from './modules/inference/inference.ts';
import { inferenceModule } from './modules/inference/module.ts';
import { createKnowledgeRuntime, embedderPort, knowledgeRuntime } from './modules/knowledge/knowledge.ts';
import { knowledgeModule } from './modules/knowledge/module.ts';
import { phoneModule } from './modules/phone/module.ts';
import { type PhoneLine, phoneLine } from './modules/phone/phone.ts';
import { privacyModule } from './modules/privacy/module.ts';
import {
  createPrivacyHost,
  createWorkspaceErasureWork,
  declaredTables,
  gatherDeclared,
  holds,
  privacyHost,
  workspaceErasureWork,
} from './modules/privacy/privacy.ts';
import {
  actionsOf,
  auditedActions,
  codeSender,
  createAuthenticator,
  createSecurityWatch,
  createSignIn,
  createSocketCredentials,
  createStepUp,
  identityClients,
  SigningKeys,
  Supabase,
  securityWatch,
  signInPort,
  signingKeys,
  supabasePort,
  tenancyModule,
  trail,
} from './modules/tenancy/module.ts';
import { understandingModule } from './modules/understanding/module.ts';
import {
  operatorModels,
  wrongIntentLabels,
  wrongSentimentLabels,
} from './modules/understanding/understanding.ts';
import { createCollectionsMonitor } from './providers/collections-monitor/adapter.ts';
import { embeddingEndpoint } from './providers/onnx/endpoint.ts';
import { OnnxModels } from './providers/onnx/models.ts';
import { createSmtpTransport } from './providers/smtp/transport.ts';
import { createTwilioAdapter } from './providers/twilio/adapter.ts';

/** Lower floors first. */
export const modules: readonly Module[] = [
  coreModule,
  tenancyModule,
  channelsModule,
  conversationsModule,
  understandingModule,
  knowledgeModule,
  inferenceModule,
  assistantModule,
  commerceModule,
  analyticsModule,
  privacyModule,
  phoneModule,
];

export interface AppOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly clock?: Clock;
  /** An opened and migrated database (tests). */
  readonly database?: Database;
  /** A simulated carrier, to which the calls of these accounts go. */
  readonly simulator?: { readonly accountSids: readonly string[]; readonly url: string } | null;
  /** The handsets of that carrier. */
  readonly phoneLine?: PhoneLine | null;
  /** Modules that only a test has, above the others. */
  readonly extraModules?: readonly Module[];
}

export interface App {
  readonly kernel: Kernel;
  readonly http: FastifyInstance;
  /** Starts the role: the job workers, the API, or both. Resolves with the address at which this process listens. */
  start(): Promise<string>;
  /** Stops taking work, finishes what runs, closes everything. */
  stop(): Promise<void>;
}

export async function createApp(options: AppOptions): Promise<App> {
  const { config, log } = options;
  const allModules = [...modules, ...(options.extraModules ?? [])];
  const secret = await readSecret(config);
  const wrappers = [secret, ...(config.PARLEY_PREVIOUS_SECRET ? [config.PARLEY_PREVIOUS_SECRET] : [])].map(
    secretKeyWrapper,
  );
  const tracing = await startTracing(config);
  const egress = openEgress(options, tracing);

  const onnx = new OnnxModels({ directory: config.onnxModelsDirectory, log });
  const [sentimentModel, intentModel, embeddingModel] = await Promise.all([
    onnx.openIfSet(config.ONNX_SENTIMENT_MODEL, wrongSentimentLabels),
    onnx.openIfSet(config.ONNX_INTENT_MODEL, wrongIntentLabels),
    onnx.openIfSet(config.ONNX_EMBEDDING_MODEL),
  ]);

  const { simulator } = options;
  const twilio = createTwilioAdapter({
    egress: egress.twilio,
    clock: options.clock ?? systemClock,
    baseUrlFor: (accountSid) =>
      simulator?.accountSids.includes(accountSid) ? simulator.url : config.TWILIO_API_URL.replace(/\/$/, ''),
  });

  const kernel = await Kernel.open({
    config,
    log,
    clock: options.clock ?? systemClock,
    secret,
    wrappers,
    ...(options.database ? { database: options.database } : {}),
    subscriptions: allModules.flatMap((module) => module.subscriptions ?? []),
    ports: (kernel) => [
      bind(mailTransport, config.SMTP_URL ? createSmtpTransport(config.SMTP_URL, senderOf(config)) : null),
      bind(mailer, createMailer(kernel)),
      bind(signInPort, createSignIn(kernel)),
      bind(signingKeys, new SigningKeys(kernel)),
      bind(identityClients, { operator: egress.operatorSignIns, workspaces: egress.signIns }),
      bind(supabasePort, config.SUPABASE_URL ? new Supabase(kernel, config.SUPABASE_URL) : null),
      bind(auditTrail, trail),
      bind(auditedActions, actionsOf(allModules.flatMap((module) => module.events ?? []))),
      bind(securityWatch, createSecurityWatch(kernel)),
      bind(socketCredentials, createSocketCredentials(kernel)),
      bind(eventPermissions, permissionsOfEvents(allModules)),
      bind(saidFrames, tellTyping),
      bind(livePort, new Live(kernel)),
      bind(channelAdapters, new Map([[twilio.provider, twilio]])),
      bind(channelRuntime, createChannelRuntime(kernel)),
      bind(lockedWork, new LockedWork()),
      bind(mediaLinks, createMediaLinks(kernel.deriveKeys('media links'), config.publicUrl, kernel.clock)),
      bind(storagePort, createFileStorage(config.PARLEY_DATA)),
      bind(
        contactDirectory,
        config.MONITOR_API_URL
          ? createCollectionsMonitor({
              egress: egress.directory,
              baseUrl: config.MONITOR_API_URL,
              token: config.MONITOR_API_TOKEN,
            })
          : null,
      ),
      bind(operatorModels, {
        sentiment: sentimentModel,
        intent: intentModel,
        waitMsMax: config.ONNX_WAIT_SECONDS * 1000,
      }),
      bind(openModels, createOpenModels()),
      bind(
        knowledgeRuntime,
        createKnowledgeRuntime({
          bus: kernel.bus,
          egress: egress.pages,
          hashKey: kernel.deriveKey('training data'),
          vectorBytesMax: config.KNOWLEDGE_VECTORS_MB_IN_MEMORY * 1024 * 1024,
        }),
      ),
      bind(
        inferenceRuntime,
        createInferenceRuntime(
          kernel,
          {
            // Loaded when a workspace first asks a model of its own.
            open: async (endpoint) => {
              if (embeddingModel && endpoint.baseUrl === thisMachine)
                return embeddingEndpoint(embeddingModel);
              const { createOpenAiCompatibleModels } = await import(
                './providers/openai-compatible/models.ts'
              );
              return createOpenAiCompatibleModels(egress.models).open(endpoint);
            },
          },
          embeddingModel,
        ),
      ),
      bind(segmentLedger, segmentBooks),
      bind(codeSender, codeTexts),
      bind(embedderPort, knowledgeEmbedder),
      bind(assistantRuntime, createAssistantRuntime(kernel, egress.tools)),
      bind(declaredTables, gatherDeclared(allModules)),
      bind(holdsPort, holds),
      bind(privacyHost, createPrivacyHost(kernel)),
      bind(workspaceErasureWork, createWorkspaceErasureWork(kernel)),
      bind(phoneLine, options.phoneLine ?? null),
    ],
  });
  if (!options.database) await migrateUp(kernel.database);

  const probes: HealthProbe[] = [
    ...coreProbes(kernel),
    ...allModules.flatMap((module) => module.health ?? []),
  ];
  const http =
    config.PARLEY_ROLE === 'worker'
      ? createWorkerServer(kernel, probes)
      : await createSite(kernel, allModules, probes, tracing);

  const handlers = allModules.flatMap((module) => module.jobs ?? []).map(tracing.job);
  const followings =
    config.PARLEY_ROLE === 'api'
      ? []
      : allModules.flatMap((module) => module.followers ?? []).map((one) => new Following(kernel, one));
  return {
    kernel,
    http,
    start: async () => {
      await kernel.queue.start(handlers.map((handler) => handler.job));
      kernel.events.start();
      if (config.PARLEY_ROLE !== 'api') {
        for (const handler of handlers) await kernel.queue.work(handler, kernel);
        for (const { job, cron, input } of allModules.flatMap((module) => module.schedules ?? [])) {
          await kernel.queue.schedule(job, cron, input);
        }
      }
      for (const following of followings) following.start();
      // A worker listens too: its liveness and metrics are asked for over HTTP.
      return http.listen({ host: config.HOST, port: config.PORT });
    },
    stop: async () => {
      // No new job while the others end: what is taken now would hold up the stop, or be cut by it.
      await Promise.all([
        kernel.queue.stop(),
        http.close(),
        ...followings.map((following) => following.stop()),
      ]);
      await kernel.close();
      await onnx.stop();
      await Promise.all(Object.values(egress).map((client) => client.close()));
      await tracing.close();
    },
  };
}

const senderOf = ({ MAIL_FROM, publicUrl }: Config) =>
  MAIL_FROM ?? `Parley <parley@${new URL(publicUrl).hostname}>`;

/** What an `api` process serves; loaded by those that serve it. */
async function createSite(
  kernel: Kernel,
  allModules: readonly Module[],
  probes: readonly HealthProbe[],
  tracing: Tracing,
): Promise<FastifyInstance> {
  const { createHttpServer } = await import('./core/http.ts');
  return createHttpServer(kernel, {
    version,
    authenticate: await createAuthenticator(kernel),
    requireStepUp: createStepUp(kernel),
    watch: kernel.use(securityWatch),
    registerWebhooks: async (server) => {
      tracing.instrument(server);
      for (const module of allModules) await module.webhooks?.(server, kernel);
    },
    register: async (server) => {
      registerOperations(server, kernel, probes);
      for (const module of allModules) await module.routes?.(server, kernel);
    },
  });
}

function permissionsOfEvents(allModules: readonly Module[]): ReadonlyMap<string, string> {
  return new Map(
    allModules
      .flatMap((module) => module.events ?? [])
      .map(({ type, permission }): [string, string] => [type, permission]),
  );
}

/** One client for each purpose: what the operator allows for one of them, no other reaches, not by its connections either. */
function openEgress({ config, simulator }: AppOptions, tracing: Tracing) {
  const onlyHosts = config.EGRESS_ONLY_HOSTS;
  const open = (allowHosts: readonly string[], options: EgressOptions = { onlyHosts, isEncrypted: true }) =>
    tracing.egress(createEgress({ ...options, allowHosts }));
  /** That the operator pointed us to. */
  const service = (...urls: readonly (string | undefined)[]) =>
    open(
      urls.flatMap((url) => (url ? [new URL(url).host] : [])),
      { isEncrypted: true },
    );
  return {
    models: open(config.EGRESS_ALLOW_HOSTS),
    /** Nothing but an address is sent to them. */
    pages: open(config.EGRESS_ALLOW_PAGE_HOSTS, { onlyHosts }),
    tools: open(config.EGRESS_ALLOW_TOOL_HOSTS),
    /** The identity providers of workspaces. */
    signIns: open(config.EGRESS_ALLOW_SSO_HOSTS),
    /** Where its files are is for whoever signs its webhooks to say, and that is each owner of an account there. */
    twilio: service(config.TWILIO_API_URL, simulator?.url),
    directory: service(config.MONITOR_API_URL),
    /** The identity providers of the operator. */
    operatorSignIns: service(config.SUPABASE_URL, config.GOOGLE_ISSUER_URL, config.MICROSOFT_ISSUER_URL),
  };
}
