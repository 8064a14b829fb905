// What the doctor looks at around a running app: keys, Redis, the public address, the channels, the queue.
import { isIP } from 'node:net';
import { systemActor } from '../../core/context.ts';
import { isPublicAddress } from '../../core/egress.ts';
import { ParleyError } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import type { Kernel } from '../../core/kernel.ts';
import { listChannels, testChannel } from '../../modules/channels/channels.ts';
import { listWorkspaces } from '../../modules/tenancy/tenancy.ts';
import { checkSecret } from '../host.ts';
import { simulatedAccount, simulationPurpose } from '../simulation.ts';
import { type Finding, Findings } from './finding.ts';

const lagSecondsMax = 60;
const reachTimeoutMs = 5000;

export async function examineKeys(kernel: Kernel): Promise<Finding[]> {
  const findings = new Findings('keys');
  try {
    await checkSecret(kernel);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    findings.problem(error.message, 'Put the right secret back.');
    return findings.list;
  }
  const [row] = await kernel.database.asSystem((queries) =>
    queries.sql<{ workspaces: number; rotating: number; keyless: number }>(
      `select count(*)::int as workspaces, count(*) filter (where versions > 1)::int as rotating,
         count(*) filter (where versions = 0)::int as keyless
       from (select w.workspace_id, count(k.version) as versions from workspaces w
         left join workspace_keys k using (workspace_id) group by w.workspace_id) as counted`,
    ),
  );
  if (row && row.rotating > 0) {
    findings.warning(
      `The keys of ${row.rotating} workspaces are being rotated, or the rotation was broken off.`,
      'Go on with it: npm run parley -- rotate-keys',
    );
  } else
    findings.ok(
      `The secret opens the keys of ${row?.workspaces === 1 ? 'the workspace' : `all ${row?.workspaces ?? 0} workspaces`}.`,
    );
  if (row && row.keyless > 0) {
    findings.warning(
      `${row.keyless} workspaces have no key any more: their content cannot be read.`,
      'Nothing, when their keys were destroyed on purpose; restore a backup otherwise.',
    );
  }
  return findings.list;
}

export async function examineRedis(kernel: Kernel): Promise<Finding[]> {
  const findings = new Findings('redis');
  if (!kernel.config.REDIS_URL) {
    findings.ok('Not set: rate limits and wake-ups stay in PostgreSQL and in each process.');
    return findings.list;
  }
  const { status } = await kernel.bus.check().catch(() => ({ status: 'down' as const }));
  const { host } = new URL(kernel.config.REDIS_URL);
  if (status === 'ok') findings.ok(`Redis at ${host} answers.`);
  else {
    findings.problem(
      `Redis at ${host} does not answer.`,
      'Start it, or mend REDIS_URL. Meanwhile rate limits and wake-ups are late; nothing is lost.',
    );
  }
  return findings.list;
}

/** @param hasRealChannels whether an outside company must reach the public address. */
export async function examinePublicUrl(kernel: Kernel, hasRealChannels: boolean): Promise<Finding[]> {
  const findings = new Findings('public address');
  const { publicUrl } = kernel.config;
  const { protocol, hostname } = new URL(publicUrl);
  const host = hostname.replace(/^\[|\]$/g, '');
  const local =
    host === 'localhost' || host.endsWith('.localhost') || (isIP(host) !== 0 && !isPublicAddress(host));
  if (!hasRealChannels) {
    findings.ok(`${publicUrl}; no provider outside has to reach it yet.`);
    return findings.list;
  }
  if (local) {
    findings.problem(
      `${publicUrl} cannot be reached from outside, and connected providers call it.`,
      'Set PUBLIC_URL to the address that the internet reaches this server by, as it stands at the provider.',
    );
    return findings.list;
  }
  if (protocol !== 'https:') {
    findings.problem(
      `${publicUrl} is not encrypted: webhooks and sign-ins can be read on the way.`,
      'Put a reverse proxy with a certificate in front, and set PUBLIC_URL to its https address.',
    );
  }
  const reached = await fetch(`${publicUrl}/livez`, { signal: AbortSignal.timeout(reachTimeoutMs) }).then(
    (answer) => answer.ok,
    () => false,
  );
  if (reached) findings.ok(`${publicUrl} leads to a Parley.`);
  else {
    findings.warning(
      `${publicUrl} did not answer from this machine.`,
      'Look at DNS, proxy and firewall. Some networks cannot reach their own public address: then try from outside.',
    );
  }
  return findings.list;
}

/** Every channel's own test, and whether there is one whose provider is no simulator. */
export async function examineChannels(
  kernel: Kernel,
  simulationRuns: boolean,
): Promise<{ findings: Finding[]; hasRealChannels: boolean }> {
  const findings: Finding[] = [];
  const simulated = simulatedAccount(kernel.deriveKey(simulationPurpose));
  let hasRealChannels = false;
  for (const workspace of await listWorkspaces(kernel.systemContext())) {
    const ctx = kernel.context({ workspaceId: workspace.id, actor: systemActor, requestId: newId() });
    const { items } = await listChannels(ctx, { limit: 200 }).catch(() => ({ items: [] }));
    for (const channel of items) {
      const area = new Findings(`channel ${channel.name}`);
      if (channel.accountId === simulated && !simulationRuns) {
        area.ok('Its simulated carrier runs with the server.');
        findings.push(...area.list);
        continue;
      }
      hasRealChannels ||= channel.accountId !== simulated;
      try {
        const test = await testChannel(ctx, channel.id);
        for (const found of test.findings) {
          // What runs in this process reaches any address of it.
          if (channel.accountId === simulated && found.code.startsWith('public_url')) continue;
          if (found.level === 'ok') area.ok(found.message);
          else if (found.level === 'warning') area.warning(found.message, found.action);
          else area.problem(found.message, found.action);
        }
      } catch (error) {
        area.warning(
          error instanceof ParleyError ? error.message : 'The channel could not be tested.',
          'Try again; look at the log when it stays.',
        );
      }
      findings.push(...area.list);
    }
  }
  if (findings.length === 0) {
    const none = new Findings('channels');
    none.ok('No channel is connected yet.');
    findings.push(...none.list);
  }
  return { findings, hasRealChannels };
}

export async function examineQueue(kernel: Kernel): Promise<Finding[]> {
  const findings = new Findings('queue');
  const figures = await kernel.queue.figures();
  const slowest = figures.toSorted((left, right) => right.lagSeconds - left.lagSeconds)[0];
  if (slowest && slowest.lagSeconds > lagSecondsMax) {
    findings.problem(
      `The oldest ${slowest.name} job has waited for ${Math.round(slowest.lagSeconds)} s.`,
      'Start a worker (--role=worker), or more of them.',
    );
  } else {
    const waiting = figures.reduce((sum, queue) => sum + queue.waiting, 0);
    findings.ok(`${waiting} jobs wait, none for long.`);
  }
  const letters = await kernel.queue.deadLetters(1000);
  if (letters.length > 0) {
    findings.warning(
      `${letters.length} job${letters.length === 1 ? ' has' : 's have'} failed for the last time.`,
      'See why: npm run parley -- dead-letters list. Mend the cause, then: npm run parley -- dead-letters replay --all',
    );
  }
  const [row] = await kernel.database.asSystem((queries) =>
    queries.sql<{ failed: number }>("select count(*)::int as failed from deliveries where status = 'failed'"),
  );
  if (row && row.failed > 0) {
    findings.warning(
      `${row.failed} webhook calls could not be understood; they are kept.`,
      'Look at the log for why. After an update, try again: npm run parley -- deliveries replay',
    );
  }
  return findings.list;
}
