// The table of understanding, as the migration makes it.
import { pgTable, real, text, timestamp, uuid } from 'drizzle-orm/pg-core';

export const insights = pgTable('insights', {
  messageId: uuid('message_id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  language: text('language', { enum: ['en', 'es', 'pt', 'unknown'] }).notNull(),
  languageConfidence: real('language_confidence').notNull(),
  modelVersion: text('model_version').notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
});
