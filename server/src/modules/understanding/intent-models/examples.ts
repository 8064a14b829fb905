// What a model of intents learns from: what comes with Parley, what members wrote, and what they said of messages.
import { createHash } from 'node:crypto';
import type { IntentModelData } from '@parley/contract/intent-models';
import type { TransactionContext } from '../../../core/context.ts';
import type { IntentExample } from '../../../learning/intent-training.ts';
import { openMessage } from '../../conversations/conversations.ts';
import { examplePlace, readIntents } from '../intents.ts';
import { starterExamples } from '../starter-intents/starter-intents.ts';

/** Of messages that were corrected, the newest are learned from. */
const correctionsMax = 20_000;

export interface Examples {
  readonly examples: readonly IntentExample[];
  readonly data: Omit<IntentModelData, 'empty' | 'contradicting'>;
}

/** Of the intents that are enabled; a message that is about none of them teaches what is none. @throws CryptoError */
export async function collectExamples(tx: TransactionContext): Promise<Examples> {
  const enabled = new Set((await readIntents(tx)).flatMap((intent) => (intent.enabled ? [intent.name] : [])));
  const starter = starterExamples().filter(({ label }) => label !== null && enabled.has(label));
  const written = (
    await tx.sql<{ id: string; intent: string; text: Uint8Array }>(
      'select id, intent, text from intent_examples where workspace_id = $1 order by id',
      [tx.workspaceId],
    )
  )
    .filter(({ intent }) => enabled.has(intent))
    .map(({ id, intent, text }) => ({ text: tx.openText(text, examplePlace(id)), label: intent }));
  const corrected = (
    await tx.sql<{ id: string; content: Uint8Array; value: string | null }>(
      `select m.id, m.content, c.value from insight_corrections c join messages m on m.id = c.message_id
       where c.workspace_id = $1 and c.field = 'intent' order by c.created_at desc, m.id limit ${correctionsMax}`,
      [tx.workspaceId],
    )
  )
    .filter(({ value }) => value === null || enabled.has(value))
    .map(({ id, content, value }) => ({ text: openMessage(tx, id, content), label: value }));
  const examples = [...starter, ...written, ...corrected];
  return {
    examples,
    data: {
      starter: starter.length,
      written: written.length,
      corrected: corrected.length,
      intents: new Set(examples.flatMap(({ label }) => label ?? [])).size,
      fingerprint: fingerprintOf(examples),
    },
  };
}

function fingerprintOf(examples: readonly IntentExample[]): string {
  const hash = createHash('sha256');
  for (const line of examples.map(({ text, label }) => JSON.stringify([label, text])).sort())
    hash.update(`${line}\n`);
  return hash.digest('hex');
}
