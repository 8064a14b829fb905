// Asks before a member leaves words behind that were never sent.
import { outboxEmptier, useOutbox } from '../../lib/offline/outbox.ts';
import { useTexts } from '../../lib/texts.ts';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { useCountInWords } from './count-waiting.ts';
import { useLeaving } from './leave.ts';
import { offlineTexts } from './texts.ts';

export function SignOutQuestion() {
  const texts = useTexts(offlineTexts);
  const inWords = useCountInWords();
  const entries = useOutbox();
  const signOut = useLeaving((leaving) => leaving.signOut);
  return (
    <ConfirmDialog
      open={signOut !== null}
      onOpenChange={(open) => {
        if (!open) useLeaving.setState({ signOut: null });
      }}
      title={texts.signOutTitle}
      text={texts.signOutText(inWords(entries))}
      actionLabel={texts.signOut}
      danger
      onConfirm={async () => {
        const empty = outboxEmptier();
        await signOut?.();
        await empty();
      }}
    />
  );
}
