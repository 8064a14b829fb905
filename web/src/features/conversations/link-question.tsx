// Asks before an address that came from outside is opened.
import { useState } from 'react';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { useAskedLink, useKnownHosts } from './link-hosts.ts';
import { threadTexts } from './texts-thread.ts';

export function LinkQuestion({ url }: { url: URL }) {
  const texts = useTexts(threadTexts);
  const { cancel } = useTexts(sharedTexts);
  const [always, setAlways] = useState(false);
  const close = () => useAskedLink.setState({ url: null });
  const open = () => {
    if (always) useKnownHosts.setState(({ hosts }) => ({ hosts: [...hosts, url.host] }));
    window.open(url.href, '_blank', 'noopener,noreferrer');
    close();
  };
  // Where the host stands first: an address may name it again further on.
  const hostAt = url.href.indexOf(url.host);
  const before = url.href.slice(0, hostAt);
  const after = url.href.slice(hostAt + url.host.length);
  return (
    <Dialog
      open
      size="small"
      title={texts.linkTitle}
      description={texts.linkText}
      onOpenChange={(isOpen) => !isOpen && close()}
      footer={
        <>
          <Button onClick={close}>{cancel}</Button>
          <Button variant="primary" onClick={open}>
            {texts.openLink}
          </Button>
        </>
      }
    >
      <p className="mb-3 max-h-40 overflow-y-auto break-all rounded-control bg-surface-sunken p-3 font-mono text-meta">
        {before}
        <strong className="font-semibold">{url.host}</strong>
        {after}
      </p>
      <Checkbox label={texts.linkAlways(url.host)} checked={always} onChange={setAlways} />
    </Dialog>
  );
}
