// What the keys of the inbox do, for a list of them where the inbox is not on the screen.
import { useTexts } from '../../lib/texts.ts';
import { inboxKeys } from './inbox-keys.ts';
import { actionTexts } from './texts-actions.ts';
import { composeTexts } from './texts-compose.ts';
import { listTexts } from './texts-list.ts';

export function useInboxShortcuts() {
  const list = useTexts(listTexts);
  const actions = useTexts(actionTexts);
  const compose = useTexts(composeTexts);
  return [
    { scope: 'thread', keys: inboxKeys.reply, label: compose.focusReply },
    { scope: 'thread', keys: inboxKeys.takeOver, label: actions.takeOver },
    { scope: 'thread', keys: inboxKeys.handBack, label: actions.handBack },
    { scope: 'thread', keys: inboxKeys.assign, label: actions.assign },
    { scope: 'inbox', keys: inboxKeys.search, label: list.goToSearch },
    { scope: 'inbox', keys: inboxKeys.next, label: list.nextConversation },
    { scope: 'inbox', keys: inboxKeys.previous, label: list.previousConversation },
    { scope: 'inbox', keys: inboxKeys.archive, label: list.archiveOne },
    { scope: 'inbox', keys: inboxKeys.undo, label: list.undoLast },
  ] as const;
}
