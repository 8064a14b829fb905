// What the simulated Twilio knows: accounts, numbers, messages, who opted out, and the ledger of every accepted send.
import { randomFillSync } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { z } from 'zod';
import type { Clock } from '../../core/clock.ts';

const accountSid = z.string().regex(/^AC[0-9a-fA-F]{32}$/);

export const simulatedAccount = z.object({
  sid: accountSid,
  authToken: z.string().min(1),
  /** Also accepted for API calls; webhooks are signed with the first one. */
  secondaryAuthToken: z.string().min(1).optional(),
  friendlyName: z.string().default('Simulated account'),
  /** Makes it a subaccount: the parent's token opens it too. */
  parentSid: accountSid.optional(),
  status: z.enum(['active', 'suspended', 'closed']).default('active'),
  apiKeys: z
    .array(z.object({ sid: z.string().regex(/^SK[0-9a-fA-F]{32}$/), secret: z.string() }))
    .default([]),
  numbers: z.array(z.object({ phoneNumber: z.string(), smsUrl: z.string().default('') })).default([]),
  messagingServices: z
    .array(
      z.object({
        sid: z.string().regex(/^MG[0-9a-fA-F]{32}$/),
        phoneNumbers: z.array(z.string()).min(1),
        /** Where inbound messages of its numbers go; without it each number's own URL is used. */
        inboundUrl: z.string().optional(),
      }),
    )
    .default([]),
});

export type SimulatedAccount = z.infer<typeof simulatedAccount>;

export interface SimulatedNumber {
  readonly sid: string;
  readonly accountSid: string;
  readonly phoneNumber: string;
  readonly createdAt: Date;
  friendlyName: string;
  smsUrl: string;
  updatedAt: Date;
}

export interface SimulatedMedium {
  readonly sid: string;
  readonly contentType: string;
  readonly body: Buffer;
}

export interface SimulatedMessage {
  readonly sid: string;
  readonly accountSid: string;
  readonly direction: 'inbound' | 'outbound-api';
  readonly to: string;
  readonly body: string;
  readonly serviceSid: string | null;
  readonly statusCallback: string | null;
  readonly media: readonly SimulatedMedium[];
  /** Where the files of an outbound message are to be fetched. */
  readonly mediaUrls: readonly string[];
  readonly createdAt: Date;
  from: string | null;
  status: string;
  errorCode: number | null;
  updatedAt: Date;
  sentAt: Date | null;
}

/** One accepted send. The truth that a test compares everything else with. */
export interface LedgerEntry {
  readonly sid: string;
  readonly accountSid: string;
  readonly to: string;
  readonly from: string;
  readonly body: string;
  readonly statusCallback: string | null;
  /** Milliseconds since the Unix epoch. */
  readonly acceptedAt: number;
}

export interface SimulatorState {
  readonly accounts: ReadonlyMap<string, SimulatedAccount>;
  readonly ledger: readonly LedgerEntry[];
  /** The account behind an Authorization header, or null. */
  authenticate(authorization: string | undefined): string | null;
  numberOf(phoneNumber: string): SimulatedNumber | undefined;
  numbersOf(accountSid: string): SimulatedNumber[];
  addNumber(accountSid: string, phoneNumber: string, friendlyName: string, smsUrl: string): SimulatedNumber;
  removeNumber(number: SimulatedNumber): void;
  /** Newest last. */
  messagesOf(accountSid: string, to: string | null): readonly SimulatedMessage[];
  message(sid: string): SimulatedMessage | undefined;
  /** All that went to or came from a number, in order. */
  messagesWith(phoneNumber: string): readonly SimulatedMessage[];
  addMessage(message: SimulatedMessage): void;
  /** Tells those who watch that there is something new of a message. */
  changed(message: SimulatedMessage): void;
  /** Calls back with every message that is new or changed. Returns how to stop. */
  watch(listener: (message: SimulatedMessage) => void): () => void;
  accept(message: SimulatedMessage, from: string): void;
  /** Pairs of our number and theirs. */
  readonly optedOut: Set<string>;
  reset(): void;
  close(): void;
}

/**
 * @param ledgerFile gets each accepted send as a line of JSON before the send is answered, by a synchronous write:
 *   killing any process at any moment loses no line.
 */
export function createState(
  accounts: readonly SimulatedAccount[],
  clock: Clock,
  ledgerFile?: string,
): SimulatorState {
  const byAuthorization = new Map<string, string>();
  for (const account of accounts) {
    const secrets: [string, string | undefined][] = [
      [account.sid, account.authToken],
      [account.sid, account.secondaryAuthToken],
      ...account.apiKeys.map(({ sid, secret }): [string, string] => [sid, secret]),
    ];
    for (const [user, secret] of secrets) {
      if (secret === undefined) continue;
      byAuthorization.set(`Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`, account.sid);
    }
  }
  const numbers = new Map<string, SimulatedNumber>();
  const messages = new Map<string, SimulatedMessage>();
  const messagesByAccount = new Map<string, SimulatedMessage[]>();
  const messagesByRecipient = new Map<string, SimulatedMessage[]>();
  const optedOut = new Set<string>();
  const listeners = new Set<(message: SimulatedMessage) => void>();
  let ledger: LedgerEntry[] = [];
  const file = ledgerFile === undefined ? null : openSync(ledgerFile, 'a', 0o600);

  const state: SimulatorState = {
    accounts: new Map(accounts.map((account) => [account.sid, account])),
    get ledger() {
      return ledger;
    },
    authenticate: (authorization) => byAuthorization.get(authorization ?? '') ?? null,
    numberOf: (phoneNumber) => numbers.get(phoneNumber),
    numbersOf: (sid) => [...numbers.values()].filter((number) => number.accountSid === sid),
    addNumber(sid, phoneNumber, friendlyName, smsUrl) {
      const now = clock.date();
      const number = {
        sid: newSid('PN'),
        accountSid: sid,
        phoneNumber,
        friendlyName,
        smsUrl,
        createdAt: now,
        updatedAt: now,
      };
      numbers.set(phoneNumber, number);
      return number;
    },
    removeNumber(number) {
      numbers.delete(number.phoneNumber);
    },
    messagesOf: (sid, to) =>
      (to === null ? messagesByAccount.get(sid) : messagesByRecipient.get(`${sid} ${to}`)) ?? [],
    message: (sid) => messages.get(sid),
    messagesWith: (phoneNumber) =>
      [...messages.values()].filter(({ from, to }) => from === phoneNumber || to === phoneNumber),
    addMessage(message) {
      messages.set(message.sid, message);
      append(messagesByAccount, message.accountSid, message);
      append(messagesByRecipient, `${message.accountSid} ${message.to}`, message);
      state.changed(message);
    },
    changed(message) {
      for (const listener of listeners) listener(message);
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    accept(message, from) {
      const { sid, accountSid, to, body, statusCallback } = message;
      const entry = { sid, accountSid, to, from, body, statusCallback, acceptedAt: clock.now() };
      if (file !== null) writeSync(file, `${JSON.stringify(entry)}\n`);
      ledger.push(entry);
      state.addMessage(message);
    },
    optedOut,
    reset() {
      for (const map of [numbers, messages, messagesByAccount, messagesByRecipient, optedOut]) map.clear();
      ledger = [];
      for (const account of accounts) {
        for (const { phoneNumber, smsUrl } of account.numbers) {
          state.addNumber(account.sid, phoneNumber, phoneNumber, smsUrl);
        }
      }
    },
    close() {
      if (file !== null) closeSync(file);
    },
  };
  state.reset();
  return state;
}

function append<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

const randomBytes = Buffer.alloc(16 * 256);
let randomBytesUsed = randomBytes.length;

/** Random, not seeded: a simulator that is started again must not give out the SIDs that it gave before. */
export function newSid(prefix: string): string {
  if (randomBytesUsed === randomBytes.length) {
    randomFillSync(randomBytes);
    randomBytesUsed = 0;
  }
  const end = randomBytesUsed + 16;
  const sid = prefix + randomBytes.toString('hex', randomBytesUsed, end);
  randomBytesUsed = end;
  return sid;
}
