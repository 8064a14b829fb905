// Chooses one contact, by their name or number.
import { useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useId, useState } from 'react';
import { formatPhone } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Chip } from '../../ui/chip.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { nameOfContact } from '../conversations/names.ts';
import { searchOptions } from '../palette/search.ts';
import { spendingTexts } from './texts-spending.ts';

export interface PickedContact {
  readonly id: string;
  readonly name: string;
}

interface ContactPickerProps {
  picked: PickedContact | null;
  error: string | null;
  onPick: (contact: PickedContact | null) => void;
}

export function ContactPicker({ picked, error, onPick }: ContactPickerProps) {
  const texts = useTexts(spendingTexts);
  const listId = useId();
  const [words, setWords] = useState('');
  const asked = words.trim();
  const { data: hits = [], isFetching } = useQuery(searchOptions(asked));
  if (picked) {
    return (
      <div>
        <p className="mb-1 font-medium">{texts.whichContact}</p>
        <Chip removeLabel={texts.anotherContact(picked.name)} onRemove={() => onPick(null)}>
          {picked.name}
        </Chip>
      </div>
    );
  }
  const found = new Map(hits.map(({ conversation }) => [conversation.contact.id, conversation]));
  const isEmpty = asked.length > 1 && !isFetching && found.size === 0;
  return (
    <div>
      <Field label={texts.whichContact} hint={isEmpty ? texts.noSuchContact : null} error={error}>
        <Input
          type="search"
          icon={Search}
          autoComplete="off"
          aria-controls={listId}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          onKeyDown={(event) => {
            // Looked for at once: the form is not meant.
            if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) event.preventDefault();
          }}
        />
      </Field>
      <ul id={listId} aria-label={texts.contactsFound} className="empty:hidden mt-1">
        {[...found.values()].map((conversation) => {
          const { id, address } = conversation.contact;
          const name = nameOfContact(conversation);
          const number = formatPhone(address);
          return (
            <li key={id}>
              <button
                type="button"
                onClick={() => onPick({ id, name })}
                className="focus-inside flex min-h-9 w-full items-center gap-3 rounded-control px-2 text-left hover:bg-surface-hover phone:min-h-11"
              >
                <span className="min-w-0 grow truncate">{name}</span>
                {name !== number && (
                  <span data-figures className="shrink-0 text-meta text-text-muted">
                    {number}
                  </span>
                )}
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
