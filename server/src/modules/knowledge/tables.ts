// The table of knowledge, as the migration makes it.
import { customType, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true });
const sealed = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

export const knowledgeTexts = pgTable('knowledge_texts', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  title: text('title').notNull(),
  content: sealed('content').notNull(),
  characters: integer('characters').notNull(),
  version: integer('version').notNull().default(1),
  createdAt: moment('created_at').notNull().defaultNow(),
  updatedAt: moment('updated_at').notNull().defaultNow(),
});
