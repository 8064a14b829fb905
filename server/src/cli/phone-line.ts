// Joins the phone to the simulated carrier: the handsets of the demo, what each of them sent and was sent, and the faults
// that were asked for.
import { randomBytes } from 'node:crypto';
import type { HandsetMessage, PhoneFaults } from '@parley/contract/phone';
import { demoStory } from '../demo.ts';
import type { LineMessage, PhoneLine } from '../modules/phone/phone.ts';
import type { SimulatedMessage, TwilioSimulator } from '../providers/twilio/simulator.ts';
import type { Simulation } from './simulation.ts';

/** Late enough to be seen by a person who watches. */
const lateMs = 4000;

type Rule = Parameters<TwilioSimulator['fault']>[0];

/** What each fault of the phone is at the carrier. */
const rules: Readonly<Record<keyof PhoneFaults, readonly Omit<Rule, 'times'>[]>> = {
  duplicate: [{ kind: 'duplicate' }, { kind: 'duplicate_text' }],
  late: [
    { kind: 'delay', delayMs: lateMs },
    { kind: 'delay_text', delayMs: lateMs },
  ],
  reordered: [{ kind: 'reorder' }],
  lost: [{ kind: 'lose' }],
  refuse: [{ kind: 'refuse' }],
};
const names = Object.keys(rules) as (keyof PhoneFaults)[];

type SentStatus = Extract<HandsetMessage['status'], 'sending' | 'accepted' | 'refused' | 'lost'>;

export function createPhoneLine({ accountSid, simulator }: Simulation): PhoneLine {
  const handsets = demoStory.handsets;
  const numbers: ReadonlySet<string> = new Set(handsets.map(({ number }) => number));
  const active = new Map<keyof PhoneFaults, (() => void)[]>();
  /** What became of the texts of handsets, by the carrier's id. */
  const sent = new Map<string, { status: SentStatus; picture: string | null }>();
  const listeners = new Set<Parameters<PhoneLine['watch']>[0]>();

  const tell = (handset: string, peer: string) => {
    for (const listener of listeners) listener({ handset, peer });
  };
  simulator.watch((message) => {
    const { handset, peer } = partiesOf(message);
    if (numbers.has(handset)) tell(handset, peer);
  });

  const toLineMessage = (message: SimulatedMessage): LineMessage => {
    const { sid, body, direction, createdAt } = message;
    const isSent = direction === 'inbound';
    return {
      id: sid,
      peer: partiesOf(message).peer,
      direction: isSent ? 'sent' : 'received',
      body,
      // A text that something else than the phone sent has arrived, for all that is known.
      status: isSent ? (sent.get(sid)?.status ?? 'accepted') : toStatus(message.status),
      picture: sent.get(sid)?.picture ?? null,
      hasMedia: message.mediaUrls.length > 0,
      at: createdAt,
    };
  };

  return {
    accountId: accountSid,
    handsets,
    messages: (handset) => simulator.messagesWith(handset).map(toLineMessage),

    async text({ from, to, body, picture }) {
      const messageSid = `${picture ? 'MM' : 'SM'}${randomBytes(16).toString('hex')}`;
      const state: { status: SentStatus; picture: string | null } = {
        status: 'sending',
        picture: picture?.name ?? null,
      };
      sent.set(messageSid, state);
      const media = picture
        ? [{ contentType: picture.contentType, base64: picture.body.toString('base64') }]
        : [];
      const answered = simulator.text({ from, to, body, media, messageSid }).then(({ answer }) => {
        const code = answer?.status ?? null;
        state.status = code === null ? 'lost' : code < 300 ? 'accepted' : 'refused';
        tell(from, to);
      });
      if (active.has('late')) answered.catch(() => undefined);
      else await answered;
      const message = simulator.messagesWith(from).find(({ sid }) => sid === messageSid);
      if (!message) throw new Error('the simulated carrier has forgotten a text');
      return toLineMessage(message);
    },

    faults: () => Object.fromEntries(names.map((name) => [name, active.has(name)])) as PhoneFaults,
    setFaults(faults) {
      for (const name of names) {
        if (faults[name] === active.has(name)) continue;
        if (faults[name]) {
          active.set(
            name,
            rules[name].map((rule) => simulator.fault({ ...rule, times: null })),
          );
        } else {
          for (const takeBack of active.get(name) ?? []) takeBack();
          active.delete(name);
        }
      }
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function partiesOf({ direction, from, to }: SimulatedMessage): { handset: string; peer: string } {
  return direction === 'inbound' ? { handset: from ?? '', peer: to } : { handset: to, peer: from ?? '' };
}

const statuses: Readonly<Record<string, HandsetMessage['status']>> = {
  accepted: 'queued',
  queued: 'queued',
  sending: 'sending',
  sent: 'sent',
  undelivered: 'undelivered',
  failed: 'failed',
};

function toStatus(word: string): HandsetMessage['status'] {
  return statuses[word] ?? 'delivered';
}
