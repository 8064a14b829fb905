// Every row's id is a UUIDv7 (RFC 9562 §5.7) made in the application: sortable by time, known before the insert.
import { v7 } from 'uuid';

export function newId(): string {
  return v7();
}
