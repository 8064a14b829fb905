// Backup codes, shown this once, with ways to take them along.
import { Check, Copy, Download } from 'lucide-react';
import { useState } from 'react';
import { saveBlob } from '../../lib/save-file.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { toastError } from '../../ui/toast.tsx';
import { secondFactorTexts } from './second-factor-texts.ts';

export function BackupCodesOnce({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const texts = useTexts(secondFactorTexts);
  const [copied, setCopied] = useState(false);
  const asText = `${codes.join('\n')}\n`;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(asText);
      setCopied(true);
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onKept()}
      title={texts.keepCodes}
      description={texts.keepCodesText}
      size="small"
      footer={
        <>
          <Button icon={copied ? Check : Copy} onClick={() => void copy()}>
            {copied ? texts.copied : texts.copy}
          </Button>
          <Button
            icon={Download}
            onClick={() => saveBlob('parley-backup-codes.txt', new Blob([asText], { type: 'text/plain' }))}
          >
            {texts.download}
          </Button>
          <Button variant="primary" onClick={onKept}>
            {texts.kept}
          </Button>
        </>
      }
    >
      <ul aria-label={texts.codes} className="grid grid-cols-2 gap-x-6 gap-y-2 font-mono text-body">
        {codes.map((code) => (
          <li key={code} className="select-all">
            {code}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
