// The passphrase of an export, this once.
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Input } from '../../ui/input.tsx';
import { privacyTexts } from './texts.ts';

export function PassphraseDialog({ passphrase, onClose }: { passphrase: string; onClose: () => void }) {
  const texts = useTexts(privacyTexts);
  return (
    <Dialog
      open
      size="small"
      title={texts.passphraseTitle}
      description={texts.passphraseText}
      onOpenChange={(open) => !open && onClose()}
      footer={
        <Button variant="primary" onClick={onClose}>
          {texts.noted}
        </Button>
      }
    >
      {/* A field, so that it can be marked and copied where there is no clipboard (plain http). */}
      <Input
        readOnly
        aria-label={texts.passphrase}
        value={passphrase}
        onFocus={(event) => event.target.select()}
        className="w-full font-mono"
      />
    </Dialog>
  );
}
