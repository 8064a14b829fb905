// Which pages a sitemap names (sitemaps.org): its own, and those of the sitemaps that it names, so deep and so many.
import type { TrainingDataError } from '@parley/contract/training-data';
import { Parser } from 'htmlparser2';
import { type PageFetcher, pageError, unpackSitemap } from './web-pages.ts';

const sitemapsMax = 50;
const addressLengthMax = 2000;

export type SitemapPages =
  | {
      readonly kind: 'pages';
      readonly addresses: readonly string[];
      /** A sitemap that it names could not be read: there may be pages that are not among these. */
      readonly isPartial: boolean;
    }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly error: TrainingDataError; readonly again: boolean };

/**
 * The pages of the sitemap's own host, each once, in its order, at most `pagesMax`.
 * @param bounds `depth`: how many levels of sitemaps below this one are followed
 */
export async function readSitemap(
  fetcher: PageFetcher,
  address: string,
  { pagesMax, depth }: { readonly pagesMax: number; readonly depth: number },
): Promise<SitemapPages> {
  const pages = new Set<string>();
  const seen = new Set([address]);
  let level = [address];
  let failed: (SitemapPages & { kind: 'failed' }) | null = null;
  for (let left = depth; left >= 0 && level.length > 0; left -= 1) {
    const below: string[] = [];
    for (const sitemap of level) {
      if (pages.size >= pagesMax) break;
      const fetched = await fetcher.fetch(sitemap, { etag: null, lastModified: null });
      if (fetched.kind === 'fetched') {
        const unpacked = unpackSitemap(fetched.bytes);
        if (!unpacked) failed ??= { kind: 'failed', error: pageError('type_not_read'), again: false };
        const named = parseSitemap(unpacked?.toString('utf8') ?? '', address);
        for (const page of named.pages) if (pages.size < pagesMax) pages.add(page);
        for (const next of named.sitemaps) {
          if (seen.has(next) || seen.size >= sitemapsMax) continue;
          seen.add(next);
          below.push(next);
        }
      } else if (sitemap === address) {
        return fetched.kind === 'failed' ? fetched : { kind: 'gone' };
      } else if (fetched.kind === 'failed') failed ??= fetched;
    }
    level = below;
  }
  if (pages.size === 0) return failed ?? { kind: 'failed', error: pageError('no_pages'), again: false };
  return { kind: 'pages', addresses: [...pages], isPartial: failed !== null };
}

/** Entities that a document declares itself are not expanded: there is nothing to blow up. */
function parseSitemap(xml: string, address: string): { pages: string[]; sitemaps: string[] } {
  const named = { pages: [] as string[], sitemaps: [] as string[] };
  const { host } = new URL(address);
  let within: 'pages' | 'sitemaps' | null = null;
  let text: string | null = null;
  const parser = new Parser(
    {
      onopentag: (name) => {
        const local = localName(name);
        if (local === 'url') within = 'pages';
        else if (local === 'sitemap') within = 'sitemaps';
        else if (local === 'loc' && name === local) text = '';
      },
      ontext: (piece) => {
        if (text !== null && text.length <= addressLengthMax) text += piece;
      },
      onclosetag: (name) => {
        const local = localName(name);
        if (local === 'loc' && text !== null) {
          const page = ownAddress(text.trim(), host);
          if (page !== null && within !== null) named[within].push(page);
          text = null;
        } else if (local === 'url' || local === 'sitemap') within = null;
      },
    },
    { xmlMode: true },
  );
  parser.end(xml);
  return named;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** A sitemap speaks for its own host only. */
function ownAddress(text: string, host: string): string | null {
  if (text.length > addressLengthMax || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.host !== host || !/^https?:$/.test(url.protocol) || url.username !== '') return null;
  url.hash = '';
  return url.href;
}
