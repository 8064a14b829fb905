// What was asked for by mail: another password, another address, to confirm one. It is noted at once, the same for everybody,
// and answered by a job: neither the answer nor its time tells whether an account exists.
import { spokenLanguage } from '@parley/contract/common';
import { z } from 'zod';
import type { SystemContext } from '../../core/context.ts';
import { CryptoError } from '../../core/crypto.ts';
import { newId } from '../../core/identifiers.ts';
import type { Kernel } from '../../core/kernel.ts';
import { defineJob } from '../../core/queue.ts';
import { signInPort } from './sign-in-port.ts';

export const accountAsk = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('reset'), email: z.string(), language: spokenLanguage }),
  z.object({ kind: z.literal('sign-up'), email: z.string(), language: spokenLanguage }),
  z.object({ kind: z.literal('confirm'), userId: z.string(), language: spokenLanguage }),
  z.object({
    kind: z.literal('move'),
    userId: z.string(),
    email: z.string(),
    /** Of the password that it was asked with. */
    passwordStamp: z.string().default(''),
    language: spokenLanguage,
  }),
]);
/** `reset` a password; `sign-up`, an account; `confirm` the address that one has; `move` to another one. `language` is the browser's. */
export type AccountAsk = z.infer<typeof accountAsk>;

export const answerAsk = defineJob({
  name: 'tenancy.answer_ask',
  doc: 'Makes the link that somebody asked for, and has it mailed, if the account is there.',
  input: z.object({ askId: z.uuid() }),
  effect: 'system',
  retries: 5,
});

const keptDays = 7;

export const forgetAsks = defineJob({
  name: 'tenancy.forget_asks',
  doc: `Deletes what was asked for by mail and not answered within ${keptDays} days: its job is among the dead letters.`,
  input: z.object({}),
  effect: 'system',
});

const place = (id: string) => `account_asks.sealed:${id}`;
const vaultOf = (kernel: Kernel) => kernel.installationVault('account asks');

export async function noteAsk(kernel: Kernel, ask: AccountAsk): Promise<void> {
  const id = newId();
  await kernel.systemTransaction(async (queries, enqueue) => {
    await queries.sql('insert into account_asks (id, sealed, created_at) values ($1, $2, $3)', [
      id,
      vaultOf(kernel).seal(JSON.stringify(ask), place(id)),
      kernel.clock.date(),
    ]);
    enqueue(answerAsk, { askId: id });
  });
}

/** Null when it was answered, or was sealed with a secret that is gone. */
export async function readAsk(kernel: Kernel, id: string): Promise<AccountAsk | null> {
  const [row] = await kernel.database.asSystem((queries) =>
    queries.sql<{ sealed: Uint8Array }>('select sealed from account_asks where id = $1', [id]),
  );
  if (!row) return null;
  try {
    return accountAsk.parse(JSON.parse(vaultOf(kernel).openText(row.sealed, place(id))));
  } catch (error) {
    if (error instanceof CryptoError) return null;
    throw error;
  }
}

/** Run twice, it mails two links. */
export async function answerNotedAsk(ctx: SystemContext, { askId }: { askId: string }): Promise<void> {
  await ctx.use(signInPort).answerAsk(askId);
  await ctx.system((queries) => queries.sql('delete from account_asks where id = $1', [askId]));
}

export async function forgetOldAsks(ctx: SystemContext): Promise<void> {
  const before = new Date(ctx.clock.now() - keptDays * 86_400_000);
  await ctx.system((queries) => queries.sql('delete from account_asks where created_at < $1', [before]));
}

export const languageOf = (headers: Headers | undefined) => spokenOf(headers?.get('accept-language'));

/** The first of our languages that a browser names in its Accept-Language. */
export function spokenOf(acceptLanguage: string | null | undefined): AccountAsk['language'] {
  for (const named of acceptLanguage?.split(',') ?? []) {
    const known = spokenLanguage.safeParse(named.trim().slice(0, 2).toLowerCase());
    if (known.success) return known.data;
  }
  return 'en';
}
