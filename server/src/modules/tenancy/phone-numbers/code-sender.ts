// Where codes go out: tenancy is the lowest floor and knows no channel.
import { definePort, type TransactionContext } from '../../../core/context.ts';

export interface CodeToSend {
  /** E.164. */
  readonly to: string;
  /** A keyed hash of it, by which texts to it are counted. */
  readonly numberHash: string;
  readonly userId: string;
  /** Holds the code: sealed while it waits, and forgotten when it is sent. */
  readonly body: string;
}

/**
 * - `waiting`: it is about to be sent, or the provider asked us to wait.
 * - `sent`: the provider took it.
 * - `refused`: the provider said no, or it waited for too long: it was not sent.
 * - `unknown`: nobody knows whether it was sent; it is not sent again.
 * - `undelivered`: the carrier could not bring it to the phone.
 */
export type CodeTextState = 'waiting' | 'sent' | 'refused' | 'unknown' | 'undelivered';

export interface CodeText {
  readonly state: CodeTextState;
  /** Why, in a sentence, where it did not arrive. */
  readonly problem: string | null;
  readonly sentAt: Date;
}

export interface CodeSender {
  /**
   * Sees to it that a code is sent, at most once, through the workspace's own channel. Returns the id of the text.
   * @throws ParleyError 409 `no_text_channel`, `country_not_allowed`, `consent_opted_out`, `budget_exhausted`, `own_number`;
   * 429 `too_many_codes`. Nothing was made then.
   */
  post(tx: TransactionContext, code: CodeToSend): Promise<string>;
  /** What became of texts, by their ids; those of days ago are forgotten. */
  read(tx: TransactionContext, textIds: readonly string[]): Promise<ReadonlyMap<string, CodeText>>;
}

export const codeSender = definePort<CodeSender>('code sender');

/** Before another text may be sent to the same number. */
export const resendSeconds = 60;
