// What somebody wrote, as text and nothing else; addresses in it open after a look at where they lead.
import { Suspense } from 'react';
import { lazyPart } from '../../lib/lazy-part.tsx';
import { useTexts } from '../../lib/texts.ts';
import { useAskedLink, useKnownHosts } from './link-hosts.ts';
import { splitLinks } from './links.ts';
import { threadTexts } from './texts-thread.ts';

const LinkQuestion = lazyPart(async () => (await import('./link-question.tsx')).LinkQuestion);

export const isKnown = (url: URL, hosts: readonly string[]): boolean =>
  url.host === window.location.host || hosts.includes(url.host);

export function MessageText({ text }: { text: string }) {
  const texts = useTexts(threadTexts);
  const hosts = useKnownHosts((known) => known.hosts);
  return (
    <span dir="auto" className="whitespace-pre-wrap break-words [overflow-wrap:anywhere]">
      {splitLinks(text).map((part, index) => {
        if (part.kind === 'text') return part.text;
        const look = 'underline decoration-1 underline-offset-2 text-left break-all';
        return isKnown(part.url, hosts) ? (
          <a
            // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text have no other name
            key={index}
            href={part.url.href}
            target="_blank"
            rel="noopener noreferrer nofollow"
            className={look}
          >
            {part.text}
          </a>
        ) : (
          // No href: nothing opens it but the answer to the question.
          <button
            // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text have no other name
            key={index}
            type="button"
            title={texts.linkOpens(part.url.host)}
            className={look}
            onClick={() => useAskedLink.setState({ url: part.url })}
          >
            {part.text}
          </button>
        );
      })}
    </span>
  );
}

/** Asks before an address that came from outside is opened; once for the whole thread. */
export function LinkGuard() {
  const url = useAskedLink((asked) => asked.url);
  // Anew for every address, so that an earlier answer does not speak for it.
  return (
    url && (
      <Suspense>
        <LinkQuestion key={url.href} url={url} />
      </Suspense>
    )
  );
}
