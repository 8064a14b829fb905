// The composition root: the explicit list of modules and providers, joined to a core and started in a role.
import type { FastifyInstance } from 'fastify';
import { type Clock, systemClock } from './core/clock.ts';
import type { Config } from './core/config.ts';
import { secretKeyWrapper } from './core/crypto.ts';
import type { Database } from './core/database.ts';
import { createEgress } from './core/egress.ts';
import type { HealthProbe } from './core/health.ts';
import { createHttpServer } from './core/http.ts';
import { bind, Kernel } from './core/kernel.ts';
import type { Logger } from './core/log.ts';
import { migrateUp } from './core/migrations.ts';
import type { Module } from './core/module.ts';
import { coreProbes, registerOperations } from './core/operations.ts';
import { readSecret } from './core/secret.ts';
import { tenancyModule } from './modules/tenancy/module.ts';
import { createAuthenticator } from './modules/tenancy/routes.ts';
import { createSignIn, signInPort } from './modules/tenancy/sign-in.ts';

export const version = '0.1.0';

/** Lower floors first. */
export const modules: readonly Module[] = [tenancyModule];

export interface AppOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly clock?: Clock;
  /** An opened and migrated database (tests). */
  readonly database?: Database;
}

export interface App {
  readonly kernel: Kernel;
  readonly http: FastifyInstance;
  /** Starts the role: the job workers, the HTTP server, or both. Resolves with the API's address, null for a worker. */
  start(): Promise<string | null>;
  /** Stops taking work, finishes what runs, closes everything. */
  stop(): Promise<void>;
}

export async function createApp(options: AppOptions): Promise<App> {
  const { config, log } = options;
  const secret = await readSecret(config);
  const wrappers = [secret, ...(config.PARLEY_PREVIOUS_SECRET ? [config.PARLEY_PREVIOUS_SECRET] : [])].map(
    secretKeyWrapper,
  );
  const egress = createEgress({ allowHosts: config.EGRESS_ALLOW_HOSTS });

  const kernel = await Kernel.open({
    config,
    log,
    clock: options.clock ?? systemClock,
    secret,
    wrappers,
    ...(options.database ? { database: options.database } : {}),
    subscriptions: modules.flatMap((module) => module.subscriptions ?? []),
    ports: (kernel) => [bind(signInPort, createSignIn(kernel))],
  });
  if (!options.database) await migrateUp(kernel.database);

  const probes: HealthProbe[] = [...coreProbes(kernel), ...modules.flatMap((module) => module.health ?? [])];
  const http = await createHttpServer(kernel, {
    version,
    authenticate: createAuthenticator(kernel),
    register: async (server) => {
      registerOperations(server, kernel, probes);
      for (const module of modules) await module.routes?.(server, kernel);
    },
  });

  const handlers = modules.flatMap((module) => module.jobs ?? []);
  return {
    kernel,
    http,
    start: async () => {
      await kernel.queue.start(handlers.map((handler) => handler.job));
      kernel.events.start();
      if (config.PARLEY_ROLE !== 'api') {
        for (const handler of handlers) await kernel.queue.work(handler, kernel);
        for (const { job, cron, input } of modules.flatMap((module) => module.schedules ?? [])) {
          await kernel.queue.schedule(job, cron, input);
        }
      }
      // A worker listens too: its liveness and metrics are asked for over HTTP.
      return http.listen({ host: config.HOST, port: config.PORT });
    },
    stop: async () => {
      await http.close();
      await kernel.close();
      await egress.close();
    },
  };
}
