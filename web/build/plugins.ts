// What our build does beyond Vite's: files that are already compressed, a font that comes early, a report of sizes.
import { readFile, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { HtmlTagDescriptor, Plugin, Rolldown } from 'vite';

const compressible = new Set(['.css', '.html', '.js', '.json', '.svg', '.webmanifest']);
/** Shorter files gain nothing from it. */
const compressedBytesMin = 1024;
const gzipAsSent = { level: 9 };

/**
 * Asks for what the first view needs together with the page, instead of one after the other: the font of the first words, so
 * that they do not change their face, and the module of the first page. Where each language's words are is only written
 * down: public/theme.js knows which is the member's.
 */
export function preloadFirst(first: { font: RegExp; page: RegExp; words: RegExp }): Plugin {
  return {
    name: 'parley-preload-first',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) =>
        Object.values(bundle ?? {}).flatMap((output): HtmlTagDescriptor[] => {
          const href = `/${output.fileName}`;
          if (first.font.test(basename(output.fileName))) {
            const attrs = { rel: 'preload', as: 'font', type: 'font/woff2', href, crossorigin: true };
            return [{ tag: 'link', attrs, injectTo: 'head' }];
          }
          if (output.type !== 'chunk') return [];
          if (output.moduleIds.some((id) => first.page.test(id)))
            return [
              { tag: 'link', attrs: { rel: 'modulepreload', href, crossorigin: true }, injectTo: 'head' },
            ];
          const language = first.words.exec(output.facadeModuleId ?? '')?.[1];
          if (language === undefined) return [];
          return [
            { tag: 'meta', attrs: { name: `words-${language}`, content: href }, injectTo: 'head-prepend' },
          ];
        }),
    },
  };
}

/** Writes `.br` and `.gz` beside what compresses well: the server only sends them. */
export function compressFiles(): Plugin {
  return {
    name: 'parley-compress-files',
    apply: 'build',
    writeBundle: async ({ dir }, bundle) => {
      if (!dir) return;
      const files = [...Object.keys(bundle), 'theme.js', 'icon.svg'];
      await Promise.all(
        files.filter((file) => compressible.has(extname(file))).map((file) => compressFile(join(dir, file))),
      );
    },
  };
}

async function compressFile(path: string): Promise<void> {
  const content = await readFile(path);
  if (content.byteLength < compressedBytesMin) return;
  const [brotli, gzipped] = await Promise.all([
    promisify(brotliCompress)(content, {
      params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.byteLength },
    }),
    promisify(gzip)(content, gzipAsSent),
  ]);
  await Promise.all([writeFile(`${path}.br`, brotli), writeFile(`${path}.gz`, gzipped)]);
}

/** Modules of which a view consists, as far as each is loaded by itself; of several that are languages of the same, the largest counts. */
type View = readonly RegExp[];

/**
 * Says how much script the first route needs (gzip), and the open conversation with it. Beyond `firstBytesMax` it warns, and fails
 * where PARLEY_WEB_STRICT is set (`npm run check`): a member's start is no place to stop for it.
 */
export function reportSizes(first: View, opened: View, firstBytesMax: number): Plugin {
  return {
    name: 'parley-report-sizes',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler: async function (_options, bundle) {
        const bytes = await scriptBytes(first, bundle);
        const openedBytes = await scriptBytes([...first, ...opened], bundle);
        const sentence =
          `the first route needs ${kilobytes(bytes)} of script (gzip), of ${kilobytes(firstBytesMax)} at most; ` +
          `with an open conversation it is ${kilobytes(openedBytes)}`;
        if (bytes <= firstBytesMax) this.info(sentence);
        else if (process.env.PARLEY_WEB_STRICT) this.error(sentence);
        else this.warn(sentence);
      },
    },
  };
}

/** @throws Error where a module of the view is in no file of its own */
async function scriptBytes(view: View, bundle: Rolldown.OutputBundle): Promise<number> {
  const chunks = Object.values(bundle).filter((output) => output.type === 'chunk');
  const sizeOf = async ({ code }: Rolldown.OutputChunk) =>
    (await promisify(gzip)(code, gzipAsSent)).byteLength;
  const needed = new Set<string>();
  let bytes = 0;
  for (const chunk of chunks) if (chunk.isEntry) addImports(chunk, bundle, needed);
  for (const module of view) {
    const found = chunks.filter(({ moduleIds }) => moduleIds.some((id) => module.test(id)));
    if (found.length === 0) throw new Error(`no file has ${module} any more`);
    const [only, ...others] = found;
    if (only && others.length === 0) addImports(only, bundle, needed);
    else bytes += Math.max(...(await Promise.all(found.map(sizeOf))));
  }
  for (const file of needed) {
    const chunk = bundle[file];
    if (chunk?.type === 'chunk') bytes += await sizeOf(chunk);
  }
  return bytes;
}

const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;

function addImports(chunk: Rolldown.OutputChunk, bundle: Rolldown.OutputBundle, needed: Set<string>): void {
  if (needed.has(chunk.fileName)) return;
  needed.add(chunk.fileName);
  for (const file of chunk.imports) {
    const imported = bundle[file];
    if (imported?.type === 'chunk') addImports(imported, bundle, needed);
  }
}
