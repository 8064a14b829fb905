// What a conversation and the people in it are called on the screen.
import type { Conversation } from '@parley/contract/conversations';
import { formatPhone } from '../../lib/format.ts';

/** The contact's name, the directory's, or the number as people write it. */
export function nameOfContact({ contact, directory }: Pick<Conversation, 'contact' | 'directory'>): string {
  return contact.name ?? directory.name ?? formatPhone(contact.address);
}

/** Whether the contact is known by more than a number. */
export const hasName = ({ contact, directory }: Pick<Conversation, 'contact' | 'directory'>): boolean =>
  contact.name !== null || directory.name !== null;
