// What members know of a contact: the name that they gave them.
import type { ChangeContact, Contact } from '@parley/contract/inbox';
import type { Context } from '../../core/context.ts';
import { notFound } from '../../core/errors.ts';
import { contactChanged, conversationChanged } from './events.ts';

/** Names a contact, or takes the name away. Every conversation with them reads differently from then on. @throws ParleyError 404 */
export async function changeContact(ctx: Context, contactId: string, input: ChangeContact): Promise<Contact> {
  return ctx.transaction(async (tx) => {
    const name = input.name === null ? null : tx.seal(input.name, `contacts.name:${contactId}`);
    const rows = await tx.sql('update contacts set name = $2 where id = $1 returning id', [contactId, name]);
    if (rows.length === 0) throw notFound('contact');
    tx.append(contactChanged, { contactId });
    const conversations = await tx.sql<{ id: string }>(
      'select id from conversations where contact_id = $1 order by id',
      [contactId],
    );
    for (const { id } of conversations) {
      tx.append(conversationChanged, { conversationId: id, changed: ['contact'] });
    }
    return { id: contactId, name: input.name };
  });
}
