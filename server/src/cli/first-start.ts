// What the first start makes, so that there is something to try: the owner, and with the demo a workspace with a story.
// Each step is done once, and a start that was broken off goes on where it stopped.
import { randomBytes } from 'node:crypto';
import { ConfigError } from '../core/config.ts';
import { systemActor } from '../core/context.ts';
import { newId } from '../core/identifiers.ts';
import type { Kernel } from '../core/kernel.ts';
import { demoStory } from '../demo.ts';
import { createChannel } from '../modules/channels/channels.ts';
import { createText } from '../modules/knowledge/knowledge.ts';
import {
  createWorkspace,
  hasUsers,
  isEasyPassword,
  listWorkspaces,
  signInPort,
} from '../modules/tenancy/tenancy.ts';
import type { Simulation } from './simulation.ts';

export interface SignIn {
  readonly email: string;
  /** Only when it was made now: it is shown this once. */
  readonly password: string | null;
}

export interface FirstStart {
  /** Set when the owner was made now. */
  readonly signIn: SignIn | null;
  readonly demoWorkspace: string | null;
  readonly demoWorkspaceId: string | null;
  /** A number that the simulated carrier has. */
  readonly demoNumber: string | null;
}

/** Two API processes that start at once on one empty database must not both make the owner. */
const firstStartLock = 7_266_533;

/** @param tell called at once when the owner was made, before anything else can fail. */
export async function firstStart(
  kernel: Kernel,
  simulation: Simulation | null,
  tell: (signIn: SignIn) => void,
): Promise<FirstStart> {
  return alone(kernel, async () => {
    const { config } = kernel;
    let signIn: SignIn | null = null;
    const ctx = kernel.systemContext();
    if (!(await hasUsers(ctx))) {
      const chosen = config.PARLEY_OWNER_PASSWORD;
      if (chosen !== undefined && (await isEasyPassword(chosen, [config.PARLEY_OWNER_EMAIL]))) {
        const expects =
          'another one: this is among the first that are guessed, common or close to the address';
        throw new ConfigError([{ name: 'PARLEY_OWNER_PASSWORD', expects }]);
      }
      const password = chosen ?? randomBytes(12).toString('base64url');
      await kernel.use(signInPort).createUser({ email: config.PARLEY_OWNER_EMAIL, password, name: 'Owner' });
      signIn = {
        email: config.PARLEY_OWNER_EMAIL,
        password: chosen ? null : password,
      };
      tell(signIn);
    }
    if ((await listWorkspaces(ctx)).length === 0) {
      await createWorkspace(kernel, {
        name: config.demo ? demoStory.workspaceName : 'My workspace',
        defaultCountry: config.demo ? demoStory.country : null,
        ownerId: await firstUserId(kernel),
      });
    }
    if (!simulation) return { signIn, demoWorkspace: null, demoWorkspaceId: null, demoNumber: null };
    const workspaces = await listWorkspaces(ctx);
    const demo = workspaces.find(({ name }) => name === demoStory.workspaceName);
    if (demo) await furnish(kernel, demo.id, simulation);
    const [demoNumber = null] = await simulation.numbers();
    return { signIn, demoWorkspace: demo?.name ?? null, demoWorkspaceId: demo?.id ?? null, demoNumber };
  });
}

async function firstUserId(kernel: Kernel): Promise<string> {
  const [user] = await kernel.database.asSystem((queries) =>
    queries.sql<{ id: string }>('select id from users order by created_at limit 1'),
  );
  if (!user) throw new Error('there is no user');
  return user.id;
}

/** Gives the demo's workspace its knowledge and its number, unless it ever had a channel. */
async function furnish(kernel: Kernel, workspaceId: string, simulation: Simulation): Promise<void> {
  const ctx = kernel.context({ workspaceId, actor: systemActor, requestId: newId() });
  const [has] = await ctx.transaction((tx) =>
    tx.sql<{ channels: boolean; texts: boolean }>(
      'select exists (select 1 from channels) as channels, exists (select 1 from training_data) as texts',
    ),
  );
  if (has?.channels) return;
  if (!has?.texts) {
    await ctx.transaction(async (tx) => {
      for (const text of demoStory.texts) await createText(tx, text);
    });
  }
  await simulation.addNumber(demoStory.phoneNumber, '');
  await createChannel(ctx, {
    provider: 'twilio',
    name: demoStory.channelName,
    address: demoStory.phoneNumber,
    credentials: { accountSid: simulation.accountSid, authToken: simulation.authToken },
    configureWebhooks: true,
  });
}

/** Gives the simulated carrier back the numbers that channels have: it remembers nothing itself. */
export async function restoreNumbers(kernel: Kernel, simulation: Simulation): Promise<void> {
  const rows = await kernel.database.asSystem((queries) =>
    queries.sql<{ address: string }>(
      'select address from channels where account_id = $1 and deleted_at is null order by created_at, id',
      [simulation.accountSid],
    ),
  );
  for (const { address } of rows) {
    await simulation.addNumber(address, `${kernel.config.publicUrl}/webhook/twilio/sms`);
  }
}

/** Runs work while no other process does; the embedded database has one process anyway. */
async function alone<T>(kernel: Kernel, work: () => Promise<T>): Promise<T> {
  if (kernel.database.kind === 'embedded') return work();
  const locked = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const holder = kernel.database.asOwner(async (queries) => {
    await queries.sql('select pg_advisory_xact_lock($1)', [firstStartLock]);
    locked.resolve();
    await done.promise;
  });
  holder.catch(locked.reject);
  await locked.promise;
  try {
    return await work();
  } finally {
    done.resolve();
    await holder;
  }
}
