// Which conversations a list or a count is about: one condition for each filter that is given, none for the others, so
// that the planner sees which index serves.
import type { ConversationQuery } from '@parley/contract/conversations';
import type { TransactionContext } from '../../core/context.ts';

export type ConversationFilters = Partial<Omit<ConversationQuery, 'limit' | 'cursor'>>;

/** The values of a statement that is being put together. */
export class Parameters {
  readonly values: unknown[] = [];

  /** Returns the value's place: `$3`. */
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** The member who asks; null for programs, who read nothing and are called by nobody. */
export function askingMember(tx: TransactionContext): string | null {
  return tx.actor.kind === 'member' ? tx.actor.id : null;
}

/**
 * Whether a member has seen the newest inbound message: SQL over `c`. CASE, because nothing else says what is evaluated
 * first, and a bit beyond the end is an error.
 * @param number an SQL expression: the member's number; null for who has read nothing.
 */
export const isReadBy = (number: string) =>
  `(case when length(c.read_by) > ${number} then get_bit(c.read_by, ${number}) else 0 end = 1)`;

/** SQL for a member's number. */
export const readerNumber = (workspace: string, member: string) =>
  `(select d.number from readers d where d.workspace_id = ${workspace} and d.user_id = ${member})`;

/** What is archived or snoozed is dealt with, and so never unread. */
const isOpen = `c.status <> 'archived' and c.snoozed_until is null`;

/** Whether the contact wrote since a member looked: SQL over `c`. */
export const isUnreadBy = (workspace: string, member: string) =>
  `(${isOpen} and c.last_inbound_at is not null and not ${isReadBy(readerNumber(workspace, member))})`;

/** SQL conditions over `c`, a row of conversations. */
export function conditionsOf(
  tx: TransactionContext,
  filters: ConversationFilters,
  parameters: Parameters,
): string {
  const workspace = parameters.add(tx.workspaceId);
  const conditions = [`c.workspace_id = ${workspace}`];
  const { open, snoozed, draft, unread, mentioned } = filters;

  if (open === true) conditions.push(isOpen);
  if (open === false) conditions.push(`(c.status = 'archived' or c.snoozed_until is not null)`);
  if (snoozed !== undefined) conditions.push(`c.snoozed_until is ${snoozed ? 'not null' : 'null'}`);
  if (draft !== undefined) conditions.push(`c.draft_count ${draft ? '>' : '='} 0`);

  const equal = {
    'c.status': filters.status,
    'c.owner_kind': filters.owner,
    'c.owner_id': filters.ownerId === 'me' ? (tx.actor.id ?? '') : filters.ownerId,
    'c.channel_id': filters.channelId,
    'c.language': filters.language,
    'c.intent': filters.intent,
    'c.mood': filters.mood,
    'c.workflow_type': filters.workflowType,
    'c.workflow_id': filters.workflowId,
  };
  for (const [column, value] of Object.entries(equal)) {
    if (value !== undefined) conditions.push(`${column} = ${parameters.add(value)}`);
  }
  if (filters.updatedSince !== undefined) {
    conditions.push(`c.updated_at >= ${parameters.add(filters.updatedSince)}`);
  }

  const member = askingMember(tx);
  if (unread !== undefined) {
    const isUnread = member === null ? 'false' : isUnreadBy(workspace, parameters.add(member));
    conditions.push(unread ? isUnread : `not (${isUnread})`);
  }
  if (mentioned !== undefined) {
    const isMentioned =
      member === null
        ? 'false'
        : `c.id in (select m.conversation_id from note_mentions m where m.workspace_id = ${workspace}
            and m.user_id = ${parameters.add(member)} and m.read_at is null)`;
    conditions.push(mentioned ? isMentioned : `not (${isMentioned})`);
  }
  return conditions.join(' and ');
}
