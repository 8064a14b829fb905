// Fills the demo's inbox: contacts text the shop through the simulated carrier, the assistant answers over the real road,
// and the owner does what owners do. Whatever is broken off goes on at the next start, and nothing is done twice.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Context, systemActor } from '../core/context.ts';
import { newId } from '../core/identifiers.ts';
import type { Kernel } from '../core/kernel.ts';
import { demoStory } from '../demo.ts';
import { changeAssistant, readAssistant } from '../modules/assistant/assistant.ts';
import {
  changeContact,
  changeConversation,
  createNote,
  writeMessage,
} from '../modules/conversations/conversations.ts';
import { beginStories, endStories } from '../modules/phone/phone.ts';
import { demoStories, type Story, type StoryStep } from './demo-stories.ts';
import type { Simulation } from './simulation.ts';

/** A turn that takes longer is not waited for. */
const turnMsMax = 5000;
const burstWaitMsUsual = 1500;

export interface Stage {
  readonly kernel: Kernel;
  readonly simulation: Simulation;
  readonly workspaceId: string;
  /** The workspace's number. */
  readonly number: string;
  readonly signal: AbortSignal;
}

/** Does nothing where they were told, or where somebody was first. */
export async function tellStories(stage: Stage): Promise<void> {
  const { kernel, workspaceId, signal } = stage;
  const ctx = kernel.context({ workspaceId, actor: systemActor, requestId: newId() });
  if (!(await beginStories(ctx))) return;
  const owner = await ownerOf(ctx);
  const turns = new Turns(ctx);
  const ended = new AbortController();
  const following = turns.follow(kernel, AbortSignal.any([signal, ended.signal]));
  const settings = await readAssistant(ctx);
  // Contacts in a story wait for nobody to finish a burst.
  await setBurstWait(ctx, 0);
  try {
    await Promise.all(demoStories.map((story) => tell(stage, { ctx, owner, turns }, story)));
    if (!signal.aborted) await endStories(ctx);
  } finally {
    ended.abort();
    await following;
    await setBurstWait(ctx, settings.burstWaitMs || burstWaitMsUsual);
  }
}

async function setBurstWait(ctx: Context, burstWaitMs: number): Promise<void> {
  const { updatedAt: _, ...settings } = await readAssistant(ctx);
  await changeAssistant(ctx, {
    ...settings,
    persona: settings.persona || demoStory.persona,
    burstWaitMs,
  });
}

async function ownerOf(ctx: Context): Promise<Context> {
  const [row] = await ctx.transaction((tx) =>
    tx.sql<{ user_id: string }>(
      "select user_id from members where workspace_id = $1 and role = 'owner' order by created_at limit 1",
      [tx.workspaceId],
    ),
  );
  if (!row) throw new Error('the demo workspace has no owner');
  return ctx.as({ kind: 'member', id: row.user_id, permissions: new Set() });
}

interface Actors {
  readonly ctx: Context;
  readonly owner: Context;
  readonly turns: Turns;
}

async function tell(stage: Stage, actors: Actors, story: Story): Promise<void> {
  let turn = 0;
  let said = 0;
  for (const [index, step] of story.steps.entries()) {
    if (stage.signal.aborted) return;
    if ('contact' in step) {
      await text(stage, story, index, step);
      if (step.answered) await actors.turns.reach(story.number, ++turn, stage.signal);
    } else if ('member' in step) {
      await write(actors, story, ++said, step.member);
    } else await act(actors, story, step);
  }
  const conversation = await findConversation(actors.ctx, story.number);
  if (conversation) await changeContact(actors.owner, conversation.contactId, { name: story.name });
}

/** The carrier's id is made of what is said: a text that is sent again is a duplicate webhook, which changes nothing. */
async function text(
  { simulation, number }: Stage,
  story: Story,
  index: number,
  step: Extract<StoryStep, { contact: string }>,
): Promise<void> {
  const hash = createHash('sha256').update(`${simulation.accountSid} ${story.number} ${index}`).digest('hex');
  const { answer } = await simulation.simulator.text({
    from: story.number,
    to: number,
    body: step.contact,
    messageSid: `SM${hash.slice(0, 32)}`,
  });
  if (answer?.status !== 200) throw new Error(`the webhook answered ${answer?.status ?? 'nothing'}`);
}

/** @param ordinal counts what members say to this contact, from 1. */
async function write({ ctx, owner }: Actors, story: Story, ordinal: number, body: string): Promise<void> {
  const conversation = await findConversation(ctx, story.number);
  if ((conversation?.written ?? 0) >= ordinal) return;
  const party = conversation ? { conversationId: conversation.id } : { to: story.number };
  await writeMessage(owner, { ...party, body });
}

async function act(
  { ctx, owner }: Actors,
  story: Story,
  step: Exclude<StoryStep, { contact: string } | { member: string }>,
): Promise<void> {
  const conversation = await findConversation(ctx, story.number);
  if (!conversation) throw new Error('there is no conversation to act on');
  if ('change' in step) await changeConversation(owner, conversation.id, step.change);
  else if (conversation.notes === 0) {
    await createNote(owner, conversation.id, { body: step.note, mentions: [] });
  }
}

interface Conversation {
  readonly id: string;
  readonly contactId: string;
  /** What members said in it. */
  readonly written: number;
  readonly notes: number;
}

async function findConversation(ctx: Context, address: string): Promise<Conversation | undefined> {
  const [row] = await ctx.transaction((tx) =>
    tx.sql<Conversation>(
      `select c.id, c.contact_id as "contactId",
         (select count(*)::int from messages m where m.conversation_id = c.id and m.sender_kind = 'member') as written,
         (select count(*)::int from notes n where n.conversation_id = c.id) as notes
       from contact_points p join conversations c on c.contact_point_id = p.id
       where p.workspace_id = $1 and p.address = $2`,
      [tx.workspaceId, address],
    ),
  );
  return row;
}

/** What the events say that matters here. */
const turnEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('run.finished'),
    payload: z.object({ conversationId: z.string(), outcome: z.string() }),
  }),
  z.object({
    type: z.literal('message.status_changed'),
    payload: z.object({ conversationId: z.string(), previous: z.string() }),
  }),
]);

/** Turns after which something goes out. */
const speaking: ReadonlySet<string> = new Set(['answered', 'handed_over']);

/** Counts the assistant's turns with each contact, as the event log tells of them. One that speaks ends with its sending. */
class Turns {
  readonly #ctx: Context;
  readonly #sending = new Set<string>();
  readonly #counts = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** From the log's beginning, for those of an earlier start count too. */
  async follow(kernel: Kernel, signal: AbortSignal): Promise<void> {
    for await (const event of kernel.events.follow(this.#ctx.workspaceId, 0, signal)) {
      const parsed = turnEvent.safeParse(event);
      if (!parsed.success) continue;
      const { type, payload } = parsed.data;
      if (type === 'run.finished' && speaking.has(payload.outcome)) {
        this.#sending.add(payload.conversationId);
        continue;
      }
      if (type === 'message.status_changed') {
        const isSent = payload.previous === 'pending' && this.#sending.delete(payload.conversationId);
        if (!isSent) continue;
      }
      const address = await this.#addressOf(payload.conversationId);
      this.#counts.set(address, (this.#counts.get(address) ?? 0) + 1);
      for (const look of this.#waiting) look();
    }
  }

  async #addressOf(conversationId: string): Promise<string> {
    const [row] = await this.#ctx.transaction((tx) =>
      tx.sql<{ address: string }>(
        `select p.address from conversations c join contact_points p on p.id = c.contact_point_id where c.id = $1`,
        [conversationId],
      ),
    );
    return row?.address ?? '';
  }

  /** Resolves when the assistant had so many turns with the contact, or too long after the call. */
  async reach(address: string, count: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (signal.aborted || (this.#counts.get(address) ?? 0) >= count) resolve();
    };
    const timer = setTimeout(resolve, turnMsMax);
    signal.addEventListener('abort', look);
    this.#waiting.add(look);
    look();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
      signal.removeEventListener('abort', look);
    }
  }
}
