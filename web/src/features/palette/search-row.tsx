// One conversation that was found: who it is with, and the words that were found in it.
import type { SearchHit } from '@parley/contract/inbox';
import { formatPhone, useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { excerptAround } from '../conversations/excerpt.ts';
import { paletteTexts } from './texts.ts';

export function SearchRow({ hit, words }: { hit: SearchHit; words: string }) {
  const texts = useTexts(paletteTexts);
  const format = useFormat();
  const { contact, lastMessage, lastMessageAt } = hit.conversation;
  const number = formatPhone(contact.address);
  const said = hit.message?.body ?? hit.note?.body ?? lastMessage?.body ?? '';
  return (
    <>
      <Avatar name={contact.name} size={24} />
      <span className="min-w-0 grow">
        <span className="flex items-baseline gap-2">
          <span data-figures className="truncate font-medium">
            {contact.name ?? number}
          </span>
          {contact.name && (
            <span data-figures className="shrink-0 text-meta text-text-muted">
              {number}
            </span>
          )}
        </span>
        {said !== '' && (
          <span className="block truncate text-meta text-text-muted">
            {hit.note && `${texts.note}: `}
            {excerptAround(said, words)}
          </span>
        )}
      </span>
      <time dateTime={lastMessageAt} className="shrink-0 text-meta text-text-muted">
        {format.relative(hit.message?.createdAt ?? lastMessageAt)}
      </time>
    </>
  );
}
