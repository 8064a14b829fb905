// The address of somebody's page. It opens beside the app; the other site is not told where its reader came from.
import { ExternalLink } from 'lucide-react';

export function PageAddress({ url }: { url: string }) {
  return (
    <a
      href={url}
      target="_blank"
      rel="noreferrer"
      className="relative inline-block break-all text-accent-text underline underline-offset-2 after:absolute after:-inset-3"
    >
      {url}
      <ExternalLink size={14} aria-hidden="true" className="ml-1 inline" />
    </a>
  );
}
