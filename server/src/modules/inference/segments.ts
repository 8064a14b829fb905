// SMS segments, under the same caps and in the same ledger as what models cost.
import type { TransactionContext } from '../../core/context.ts';
import type { SegmentLedger, SentSegments } from '../conversations/conversations.ts';
import { reserve, settle } from './budget.ts';
import type { Cap } from './holds.ts';
import { noteSpent, type Spending, type Spent, unspend } from './ledger.ts';

// Few workspaces have any, and most messages are sent where nothing else needs the catalogue.
const findCaps = {
  name: 'budget_caps_on_segments',
  text: `select id, scope, subject_id as "subjectId", period, unit, limit_amount as "limitAmount",
      warn_percent as "warnPercent", when_reached as "whenReached"
    from budget_caps where workspace_id = $1 and unit = 'segments' order by id`,
};

async function segmentCaps(tx: TransactionContext): Promise<Cap[]> {
  const rows = await tx.sql<Cap>(findCaps, [tx.workspaceId]);
  return rows.map((cap) => ({ ...cap, limitAmount: Number(cap.limitAmount) }));
}

const spendingOf = ({ segments: _, ...sent }: SentSegments): Spending => ({
  kind: 'sms',
  modelId: null,
  model: null,
  ...sent,
});

const spentOn = ({ segments }: SentSegments): Spent => ({
  costMicros: 0,
  inputTokens: 0,
  outputTokens: 0,
  segments,
});

/** The books of what is sent, kept where models are. */
export const segmentBooks: SegmentLedger = {
  isCapped: async (tx) => (await segmentCaps(tx)).length > 0,

  spend: async (tx, sent) => {
    const caps = await segmentCaps(tx);
    const amounts = { money: 0, tokens: 0, segments: sent.segments };
    const held = await reserve(tx, caps, spendingOf(sent), amounts);
    if ('refused' in held) return false;
    await settle(tx, held, spentOn(sent));
    return true;
  },

  note: (tx, sent) => noteSpent(tx, spendingOf(sent), spentOn(sent)),

  giveBack: unspend,
};
