// Mails to those who use Parley. A mail waits sealed, is sent by a job, and is forgotten after that: it holds a link that
// lets its reader in.
import { z } from 'zod';
import { definePort, type SystemContext } from './context.ts';
import { CryptoError } from './crypto.ts';
import type { Queries } from './database.ts';
import { newId } from './identifiers.ts';
import type { Kernel } from './kernel.ts';
import { defineJob, type JobRun } from './queue.ts';

export interface Mail {
  /** One address. */
  readonly to: string;
  readonly subject: string;
  /** Plain, for every reader. */
  readonly text: string;
}

/** The way out: a mail server. */
export interface MailTransport {
  /**
   * @param id the same for every try of one mail
   * @throws MailError
   */
  send(mail: Mail & { readonly id: string }, signal: AbortSignal): Promise<void>;
}

/** A mail was not taken. Says nothing of whom it was for: what mail servers answer often does. */
export class MailError extends Error {
  override readonly name = 'MailError';
  /** Whether the server would refuse it again. */
  readonly isFinal: boolean;
  constructor(reason: string, isFinal: boolean) {
    super(`the mail server did not take a mail: ${reason}`);
    this.isFinal = isFinal;
  }
}

/** Null: no mail server is set. */
export const mailTransport = definePort<MailTransport | null>('mail-transport');

export interface KeptMail extends Mail {
  readonly id: string;
  readonly createdAt: Date;
}

export interface Mailer {
  /** What becomes of mails: they are sent, kept for the demo to show, or dropped. */
  readonly way: 'sent' | 'kept' | 'none';
  /** Sees to it that a mail is sent. Resolves once that is certain, which is long before it is. */
  post(mail: Mail): Promise<void>;
  /** The same in a transaction of the caller's: it is sent if that commits. */
  postWithin(queries: Queries, enqueue: EnqueueSystem, mail: Mail): Promise<void>;
  /** Tries to send a waiting mail. Does nothing when it is gone. @throws MailError when it should be tried again */
  deliver(id: string, run: JobRun): Promise<void>;
  /** The newest first. */
  listKept(limit: number): Promise<KeptMail[]>;
}

type EnqueueSystem = Parameters<Parameters<Kernel['systemTransaction']>[0]>[1];

export const mailer = definePort<Mailer>('mailer');

export const sendMail = defineJob({
  name: 'core.send_mail',
  doc: 'Sends a mail that waits, and forgets it.',
  input: z.object({ mailId: z.uuid() }),
  effect: 'system',
  // For some twenty minutes: mail servers that know nobody yet ask to be called again.
  retries: 10,
  retryDelaySeconds: 2,
  retryDelaySecondsMax: 300,
  timeoutSeconds: 90,
});

export const forgetMails = defineJob({
  name: 'core.forget_mails',
  doc: 'Deletes mails that are older than a week: their links have expired.',
  input: z.object({}),
  effect: 'system',
});

const keptDays = 7;
const place = (id: string) => `mails.sealed:${id}`;

export function createMailer(kernel: Kernel): Mailer {
  const { config, database, log } = kernel;
  const way = config.SMTP_URL ? 'sent' : config.demo ? 'kept' : 'none';
  const vault = kernel.installationVault('mails');
  const open = (row: { id: string; sealed: Uint8Array }): Mail =>
    JSON.parse(vault.openText(row.sealed, place(row.id))) as Mail;
  const forget = (id: string) =>
    database.asSystem((queries) => queries.sql('delete from mails where id = $1', [id]));

  const postWithin: Mailer['postWithin'] = async (queries, enqueue, mail) => {
    const id = newId();
    const masked = { mail: id, to: maskAddress(mail.to) };
    if (way === 'none') {
      log.warn(masked, 'a mail is not sent: no mail server is set (SMTP_URL)');
      return;
    }
    await queries.sql('insert into mails (id, sealed, kept, created_at) values ($1, $2, $3, $4)', [
      id,
      vault.seal(JSON.stringify(mail), place(id)),
      way === 'kept',
      kernel.clock.date(),
    ]);
    if (way === 'sent') enqueue(sendMail, { mailId: id });
    // A warning: where a person started the demo, nothing less is shown.
    else log.warn(masked, 'a mail is kept for the demo to show: no mail server is set (SMTP_URL)');
  };

  return {
    way,
    post: (mail) => kernel.systemTransaction((queries, enqueue) => postWithin(queries, enqueue, mail)),
    postWithin,
    deliver: async (id, run) => {
      const [row] = await database.asSystem((queries) =>
        queries.sql<{ id: string; sealed: Uint8Array }>(
          'select id, sealed from mails where id = $1 and not kept',
          [id],
        ),
      );
      const transport = kernel.use(mailTransport);
      if (!row || !transport) return;
      try {
        await transport.send({ ...open(row), id }, run.signal);
      } catch (error) {
        const isFinal = error instanceof CryptoError || (error instanceof MailError && error.isFinal);
        if (!isFinal && !run.isLastAttempt) throw error;
        log.error({ err: error, mail: id }, 'a mail could not be sent and is forgotten');
      }
      // Killed before this, it is sent again, under the same Message-ID: two of one mail do less harm than none.
      await forget(id);
    },
    listKept: async (limit) => {
      const rows = await database.asSystem((queries) =>
        queries.sql<{ id: string; sealed: Uint8Array; created_at: Date | string }>(
          'select id, sealed, created_at from mails where kept order by created_at desc, id desc limit $1',
          [limit],
        ),
      );
      return rows.flatMap((row) => {
        try {
          const { to, subject, text } = open(row);
          return [{ id: row.id, to, subject, text, createdAt: new Date(row.created_at) }];
        } catch (error) {
          // Sealed with a secret that is gone.
          if (error instanceof CryptoError) return [];
          throw error;
        }
      });
    },
  };
}

/** `o…@p….local`: enough to tell one line of the log from another. */
export function maskAddress(address: string): string {
  const [, user = '', host = ''] = /^(.*)@(.*)$/.exec(address) ?? [];
  const end = host.lastIndexOf('.');
  return `${user.slice(0, 1)}…@${host.slice(0, 1)}…${end > 0 ? host.slice(end) : ''}`;
}

export async function sendWaitingMail(
  ctx: SystemContext,
  { mailId }: { mailId: string },
  run: JobRun,
): Promise<void> {
  await ctx.use(mailer).deliver(mailId, run);
}

export async function forgetOldMails(ctx: SystemContext): Promise<void> {
  const before = new Date(ctx.clock.now() - keptDays * 86_400_000);
  await ctx.system((queries) => queries.sql('delete from mails where created_at < $1', [before]));
}
