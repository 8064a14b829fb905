// Markdown that a model wrote, drawn so that nothing in it can act: no HTML, no pictures (they are links), and a link opens
// only after a look at where it leads.
import { clsx } from 'clsx';
import { Copy } from 'lucide-react';
import { type ComponentProps, createContext, memo, type ReactNode, useContext } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { useTexts } from '../../lib/texts.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { useAskedLink, useKnownHosts } from '../conversations/link-hosts.ts';
import { isKnown } from '../conversations/message-text.tsx';
import { copyText } from './copy-text.ts';
import { chatTexts } from './texts.ts';

/** Everything else is drawn as the text that is in it. */
const allowed = [
  ...['p', 'br', 'strong', 'em', 'del', 'a', 'img', 'code', 'pre', 'blockquote', 'hr', 'sup', 'section'],
  ...['ul', 'ol', 'li', 'input', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6'],
  ...['table', 'thead', 'tbody', 'tr', 'th', 'td'],
];

export const Markdown = memo(function Markdown({ text }: { text: string }) {
  return (
    <div dir="auto" className="break-words text-thread [overflow-wrap:anywhere]">
      <ReactMarkdown
        remarkPlugins={plugins}
        components={components}
        allowedElements={allowed}
        unwrapDisallowed
        urlTransform={(url) => (toUrl(url) ? url : '')}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
});

const plugins = [remarkGfm];

/** Only what a browser opens as a page, or a mail; a name and a password in an address only serve to deceive. */
function toUrl(href: string): URL | null {
  if (!/^(?:https?:\/\/|mailto:)/i.test(href) || !URL.canParse(href)) return null;
  const url = new URL(href);
  url.username = '';
  url.password = '';
  return url;
}

/** A picture in a link is its words: a link in a link would be two. */
const InLink = createContext(false);

function Picture({ src, alt }: { src: string; alt: string }) {
  const words = alt || src;
  return useContext(InLink) ? words : <Link href={src}>{words}</Link>;
}

function Link({ href = '', children }: { href?: string | undefined; children: ReactNode }) {
  const texts = useTexts(chatTexts);
  const hosts = useKnownHosts((known) => known.hosts);
  const url = toUrl(href);
  if (!url) return <>{children}</>;
  const address = url.href.replace(/^mailto:/, '');
  // Where the words are the address, it is not said twice.
  const isShown = textOf(children).replace(/\/$/, '') === address.replace(/\/$/, '');
  const look = 'break-all text-left text-accent-text underline decoration-1 underline-offset-2';
  const content = (
    <InLink value={true}>
      {children}
      {!isShown && <span className="text-meta text-text-muted no-underline"> ({address})</span>}
    </InLink>
  );
  if (isKnown(url, hosts)) {
    return (
      <a href={url.href} target="_blank" rel="noopener noreferrer nofollow" className={look}>
        {content}
      </a>
    );
  }
  return (
    // No href: nothing opens it but the answer to the question.
    <button
      type="button"
      title={texts.linkOpens(url.host || address)}
      className={clsx(look, 'inline')}
      onClick={() => useAskedLink.setState({ url })}
    >
      {content}
    </button>
  );
}

function textOf(children: ReactNode): string {
  if (typeof children === 'string') return children;
  return Array.isArray(children) ? children.map(textOf).join('') : '';
}

function CodeBlock({ children, node: _ }: ComponentProps<'pre'> & { node?: unknown }) {
  const texts = useTexts(chatTexts);
  const copy = (event: React.MouseEvent<HTMLButtonElement>) => {
    const code = event.currentTarget.parentElement?.querySelector('code');
    void copyText(code?.textContent ?? '');
  };
  return (
    <div className="my-2 flex items-start rounded-control bg-surface-sunken">
      <pre
        // Focusable: it may be wider than the screen.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        tabIndex={0}
        className="min-w-0 grow overflow-x-auto rounded-control p-3 font-mono text-meta leading-relaxed"
      >
        {children}
      </pre>
      <IconButton label={texts.copyCode} icon={Copy} size="small" className="m-1.5" onClick={copy} />
    </div>
  );
}

const heading = ({ children }: { children?: ReactNode }) => (
  <h3 className="mt-4 mb-1 font-semibold first:mt-0">{children}</h3>
);

const components: Components = {
  a: ({ href, children }) => <Link href={href}>{children}</Link>,
  // A picture from somewhere else would tell that somewhere who reads this.
  img: ({ src, alt }) => <Picture src={String(src ?? '')} alt={alt ?? ''} />,
  pre: CodeBlock,
  code: ({ children, className }) => (
    <code
      className={clsx(
        className ? undefined : 'rounded-small bg-surface-sunken px-1 py-px font-mono text-meta',
      )}
    >
      {children}
    </code>
  ),
  h1: heading,
  h2: heading,
  h3: heading,
  h4: heading,
  h5: heading,
  h6: heading,
  p: ({ children }) => <p className="my-2 first:mt-0 last:mb-0">{children}</p>,
  ul: ({ children }) => <ul className="my-2 list-disc pl-5">{children}</ul>,
  ol: ({ children, start }) => (
    <ol start={start} className="my-2 list-decimal pl-6">
      {children}
    </ol>
  ),
  li: ({ children }) => <li className="my-0.5">{children}</li>,
  blockquote: ({ children }) => (
    <blockquote className="my-2 border-line-strong border-l-2 pl-3 text-text-muted">{children}</blockquote>
  ),
  hr: () => <hr className="my-4 border-line" />,
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <div tabIndex={0} className="my-2 overflow-x-auto">
      <table className="border-collapse text-body">{children}</table>
    </div>
  ),
  th: ({ children }) => (
    <th className="border-line-strong border-b px-2 py-1 text-left font-semibold">{children}</th>
  ),
  td: ({ children }) => <td className="border-line border-b px-2 py-1 align-top">{children}</td>,
  input: ({ checked }) => (
    <span aria-hidden="true" className="mr-1.5">
      {checked ? '☑' : '☐'}
    </span>
  ),
};
