// What there is of a contact: rows by table, what tells that something is theirs, and the knowledge taken from them alone.
import type { TransactionContext } from '../../core/context.ts';
import { type StoredTable, withPeople } from '../../core/stored-tables.ts';
import { type Needle, needlesOf } from './needles.ts';

/** Those that can be looked for at once, the longest first: what is short says little. */
const textsMax = 300;

export async function countOfContact(
  tx: TransactionContext,
  tables: readonly StoredTable[],
  contactId: string,
): Promise<{ table: string; rows: number }[]> {
  const counts = [];
  for (const { table, ofPeople } of tables) {
    if (!ofPeople) continue;
    const [found] = await tx.sql<{ rows: number }>(
      `select count(*)::int as rows from ${table} t where t.workspace_id = $1 and (${withPeople(ofPeople, 2)})`,
      [tx.workspaceId, [contactId]],
    );
    if (found && found.rows > 0) counts.push({ table, rows: found.rows });
  }
  return counts;
}

export async function countFiles(tx: TransactionContext, contactId: string): Promise<number> {
  const [found] = await tx.sql<{ files: number }>(
    `select count(*)::int as files from message_media f join messages m on m.id = f.message_id
       join conversations c on c.id = m.conversation_id where c.contact_id = $1 and f.status = 'stored'`,
    [contactId],
  );
  return found?.files ?? 0;
}

/** Knowledge that came of what this contact asked, and of nobody else's conversation. */
export async function knowledgeOf(tx: TransactionContext, contactId: string): Promise<string[]> {
  const rows = await tx.sql<{ id: string }>(
    `select distinct p.training_data_id as id from knowledge_proposals p join conversations c on c.id = p.conversation_id
     where c.contact_id = $1 and p.training_data_id is not null and not exists (
       select 1 from knowledge_proposals o left join knowledge_proposal_sources s on s.proposal_id = o.id
         join conversations v on v.id in (o.conversation_id, s.conversation_id)
       where o.training_data_id = p.training_data_id and v.contact_id <> $1)`,
    [contactId],
  );
  return rows.map(({ id }) => id);
}

export async function conversationsOf(tx: TransactionContext, contactId: string): Promise<string[]> {
  const rows = await tx.sql<{ id: string }>('select id from conversations where contact_id = $1', [
    contactId,
  ]);
  return rows.map(({ id }) => id);
}

/** What is looked for when all is deleted. @throws CryptoError */
export async function needlesOfContact(tx: TransactionContext, contactId: string): Promise<Needle[]> {
  const points = await tx.sql<{ address: string; address_original: string }>(
    'select address, address_original from contact_points where contact_id = $1',
    [contactId],
  );
  const [contact] = await tx.sql<{ name: Uint8Array | null }>('select name from contacts where id = $1', [
    contactId,
  ]);
  const entries = await tx.sql<{ id: string; name: Uint8Array }>(
    'select id, directory_name as name from conversations where contact_id = $1 and directory_name is not null',
    [contactId],
  );
  const said = await tx.sql<{ id: string; content: Uint8Array }>(
    `select m.id, m.content from messages m join conversations c on c.id = m.conversation_id
     where c.contact_id = $1 and m.sender_kind = 'contact' order by octet_length(m.content) desc, m.id limit ${textsMax}`,
    [contactId],
  );
  return needlesOf({
    addresses: points.flatMap((point) => [point.address, point.address_original]),
    names: [
      ...(contact?.name ? [tx.openText(contact.name, `contacts.name:${contactId}`)] : []),
      ...entries.map(({ id, name }) => tx.openText(name, `conversations.directory_name:${id}`)),
    ],
    texts: said.map(({ id, content }) => tx.openText(content, `messages.content:${id}`)),
  });
}
