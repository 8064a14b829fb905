// A person texts one of the simulated numbers: follows the road that the text takes, and says what becomes of it.
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Kernel } from '../../core/kernel.ts';
import { commandError, defineCommand } from '../command.ts';
import type { Simulation } from '../simulation.ts';

/** How long an answer is waited for. */
const patienceMs = 30_000;
const pollMs = 25;

interface Answer {
  readonly messageId: string;
  readonly text: string;
  readonly segments: number;
  readonly sid: string;
  /** From the text until the carrier had the answer. */
  readonly afterMs: number;
  readonly statuses: readonly { readonly status: string; readonly afterMs: number }[];
  readonly status: string;
}

interface Output {
  readonly from: string;
  readonly to: string;
  readonly messageSid: string;
  readonly conversationId: string | null;
  readonly webhook: { readonly status: number | null; readonly durationMs: number };
  readonly answer: Answer | null;
  /** Why there is none. */
  readonly reason: string | null;
  readonly totalMs: number;
}

export const simulateTextCommand = defineCommand({
  name: 'simulate text',
  description: 'Text one of the simulated numbers, and follow the answer',
  place: 'server',
  positional: 'body',
  input: z.object({
    from: z
      .string()
      .regex(/^\+[1-9]\d{6,14}$/, 'is a number in E.164, e.g. +15551230001')
      .describe('who texts, e.g. +15551230001'),
    to: z.string().optional().describe('the simulated number; the first one when absent'),
    body: z.string().min(1).max(1600).describe('what is texted'),
  }),
  run: async (host, { from, to: wanted, body }, progress): Promise<Output> => {
    const simulation = host.simulation;
    if (!simulation) throw commandError('no_simulator', 'This server has no simulated carrier.');
    const { kernel } = await host.app();
    const to = await chooseNumber(simulation, wanted);
    const ledgerStart = simulation.simulator.ledger().length;
    const startedAt = performance.now();
    const since = () => Math.round(performance.now() - startedAt);

    const { messageSid, answer } = await simulation.simulator.text({ from, to, body });
    const webhook = { status: answer?.status ?? null, durationMs: since() };
    if (webhook.status !== 200) {
      return {
        ...{ from, to, messageSid, webhook, conversationId: null, answer: null, totalMs: since() },
        reason: `The webhook was not accepted (${webhook.status ?? 'no answer'}). Does PUBLIC_URL (${kernel.config.publicUrl}) lead to this server?`,
      };
    }
    progress(`  ${ms(webhook.durationMs)}  accepted by the webhook`);

    const findAnswer = () =>
      simulation.simulator
        .ledger()
        .slice(ledgerStart)
        .find((entry) => entry.to === from && entry.from === to);
    const deadline = Date.now() + patienceMs;
    let state: RoadState | null = null;
    let sent = findAnswer();
    while (!sent && Date.now() < deadline && !host.signal.aborted) {
      state = await readRoad(kernel, messageSid);
      if (state && isSilent(state)) break;
      await pause(pollMs);
      sent = findAnswer();
    }
    sent ??= findAnswer();
    if (!sent) {
      const conversationId = state?.conversationId ?? null;
      return {
        ...{ from, to, messageSid, webhook, conversationId, answer: null, totalMs: since() },
        reason: explainSilence(state),
      };
    }
    const afterMs = since();
    progress(`  ${ms(afterMs)}  “${sent.body}”`);

    const statuses: { status: string; afterMs: number }[] = [];
    let outbound: Outbound | null = null;
    while (Date.now() < deadline && !host.signal.aborted) {
      outbound = await readOutbound(kernel, sent.sid);
      for (const { status } of (outbound?.events ?? []).slice(statuses.length)) {
        statuses.push({ status, afterMs: since() });
        progress(`  ${ms(since())}  ${status}`);
      }
      if (outbound && settled.has(outbound.status)) break;
      await pause(pollMs);
    }
    return {
      from,
      to,
      messageSid,
      conversationId: outbound?.conversationId ?? null,
      webhook,
      answer: {
        messageId: outbound?.id ?? '',
        text: sent.body,
        segments: outbound?.segments ?? 0,
        sid: sent.sid,
        afterMs,
        statuses,
        status: outbound?.status ?? 'unknown',
      },
      reason: null,
      totalMs: since(),
    };
  },
  print: ({ from, to, answer, reason, totalMs, conversationId }) =>
    answer
      ? `\n${to} → ${from}\n\n  ${answer.text.replaceAll('\n', '\n  ')}\n\n${answer.status} after ${totalMs} ms${conversationId ? `, conversation ${conversationId}` : ''}`
      : `\nNo answer came. ${reason}${conversationId ? `\nConversation ${conversationId}` : ''}`,
  failed: ({ answer }) => answer === null,
});

const settled = new Set(['delivered', 'undelivered', 'failed', 'read', 'canceled']);

function ms(duration: number): string {
  return `${String(duration).padStart(6)} ms`;
}

async function chooseNumber(simulation: Simulation, wanted: string | undefined): Promise<string> {
  const numbers = await simulation.numbers();
  const chosen = wanted ?? numbers[0];
  if (chosen && numbers.includes(chosen)) return chosen;
  throw commandError(
    'no_such_number',
    numbers.length === 0
      ? 'The simulated carrier has no number: connect one of its account as a channel first.'
      : `The simulated carrier has no number ${wanted}. It has ${numbers.join(', ')}.`,
  );
}

/** Where a text is on its road, told by states alone. */
interface RoadState {
  readonly conversationId: string;
  readonly ownerKind: string;
  readonly policy: string;
  readonly optedOut: boolean;
  /** What the newest run after the text came to; null while there is none or it is not done. */
  readonly outcome: string | null;
  readonly draft: boolean;
  readonly ageMs: number;
}

async function readRoad(kernel: Kernel, messageSid: string): Promise<RoadState | null> {
  const [row] = await kernel.database.asSystem((queries) =>
    queries.sql<{
      conversation_id: string;
      owner_kind: string;
      policy: string;
      opted_out: boolean;
      outcome: string | null;
      draft: boolean;
      age: number;
    }>(
      `select c.id as conversation_id, c.owner_kind, coalesce(c.assistant_policy, a.policy, 'auto') as policy,
         p.opted_out_at is not null as opted_out,
         (select r.outcome from runs r where r.conversation_id = c.id and r.started_at >= m.created_at
          order by r.started_at desc limit 1) as outcome,
         exists (select 1 from messages d where d.conversation_id = c.id and d.status = 'draft'
          and d.created_at >= m.created_at) as draft,
         (extract(epoch from now() - m.created_at) * 1000)::float8 as age
       from messages m join conversations c on c.id = m.conversation_id
       join contact_points p on p.id = c.contact_point_id
       left join assistants a on a.workspace_id = c.workspace_id
       where m.provider_message_id = $1 and m.direction = 'inbound'`,
      [messageSid],
    ),
  );
  if (!row) return null;
  return {
    conversationId: row.conversation_id,
    ownerKind: row.owner_kind,
    policy: row.policy,
    optedOut: row.opted_out,
    outcome: row.outcome,
    draft: row.draft,
    ageMs: Number(row.age),
  };
}

/** A confirmation or a message to the contact may still be on its way this long after it was decided that all is said. */
const lastWordMs = 3000;

/** Whether nothing more will come. */
function isSilent(state: RoadState): boolean {
  if (state.outcome === 'superseded') return false;
  const decided = state.outcome !== null && state.outcome !== 'answered';
  const nobody = state.policy === 'off' || state.ownerKind !== 'assistant' || state.optedOut;
  return (decided || nobody) && state.ageMs > lastWordMs;
}

function explainSilence(state: RoadState | null): string {
  if (!state)
    return 'The text was accepted and is not worked off yet: does a worker run? Look at "npm run parley -- health".';
  if (state.optedOut) return 'This contact has said STOP; nothing is sent until they text START.';
  if (state.ownerKind === 'member') {
    return 'A member has taken the conversation over; the assistant is silent until it is handed back.';
  }
  if (state.policy === 'off') return 'The assistant is off, for the workspace or for this conversation.';
  if (state.draft || state.outcome === 'drafted') {
    return 'The assistant only drafts here: its draft waits until a member sends it.';
  }
  switch (state.outcome) {
    case 'handed_over':
      return 'The assistant found no answer and passed the conversation on to a person.';
    case 'limited':
      return 'This contact had as many automatic replies this hour as are allowed.';
    case 'held_back':
      return 'The assistant had an answer and held it back: somebody took over, switched it off, or the contact opted out meanwhile.';
    case 'failed':
      return 'The run of the assistant failed. Look at the run, and at the log.';
    case 'answered':
      return 'The assistant answered, and the carrier does not have it yet. Look at the message and its attempts.';
    default:
      return `Nothing came within ${patienceMs / 1000} s. Look at "npm run parley -- doctor".`;
  }
}

interface Outbound {
  readonly id: string;
  readonly conversationId: string;
  readonly status: string;
  readonly segments: number;
  readonly events: readonly { readonly status: string }[];
}

async function readOutbound(kernel: Kernel, sid: string): Promise<Outbound | null> {
  const [row] = await kernel.database.asSystem((queries) =>
    queries.sql<{
      id: string;
      conversation_id: string;
      status: string;
      segments: number;
      events: { status: string }[];
    }>(
      `select m.id, m.conversation_id, m.status, m.segments,
         coalesce((select jsonb_agg(jsonb_build_object('status', e.provider_status) order by e.occurred_at, e.id)
           from message_status_events e where e.message_id = m.id), '[]') as events
       from messages m where m.provider_message_id = $1 and m.direction = 'outbound'`,
      [sid],
    ),
  );
  if (!row) return null;
  const { id, status, segments, events } = row;
  return { id, conversationId: row.conversation_id, status, segments, events };
}
