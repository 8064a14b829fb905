// What the tables of this module keep of people, and for how long.
import type { StoredTable } from '../../core/stored-tables.ts';

export const stored: readonly StoredTable[] = [
  {
    table: 'training_data',
    key: ['id'],
    keeps: 'what the assistant may know; what was taken from a conversation goes with its contact',
    exported: { as: 'training-data', omit: ['file_key'] },
    files: { folder: 'training' },
  },
  {
    table: 'training_documents',
    key: ['id'],
    keeps: 'the texts of training data',
    exported: { as: 'training-documents' },
  },
  { table: 'knowledge_passages', key: ['number'], keeps: 'passages of those texts; go with them' },
  {
    table: 'knowledge_postings',
    key: ['term', 'segment', 'count'],
    keeps: 'keyed hashes by which passages are found',
  },
  { table: 'knowledge_segments', key: ['first'], keeps: 'figures of the index' },
  { table: 'knowledge_indexes', key: ['workspace_id'], keeps: 'the key of the index' },
  {
    table: 'knowledge_vectors',
    key: ['document_id', 'version', 'model', 'first'],
    keeps: 'vectors of passages',
  },
  { table: 'knowledge_vector_work', key: ['workspace_id'], keeps: 'who makes vectors just now' },
];
