// Builds the service worker, which must know every file of the version that it belongs to.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Plugin, transformWithOxc } from 'vite';

/** Of web/public: what the app needs before it is started, or without a network. */
const publicFiles = ['theme.js', 'icon.svg', 'icon-192.png', 'manifest.webmanifest'];

export function serviceWorker(): Plugin {
  let root = '';
  return {
    name: 'parley-service-worker',
    apply: 'build',
    configResolved: (config) => {
      root = config.root;
    },
    generateBundle: {
      order: 'post',
      handler: async function (_options, bundle) {
        const hash = createHash('sha256');
        const built = Object.values(bundle).filter(({ fileName }) => !fileName.endsWith('.map'));
        for (const output of built.toSorted((one, other) => (one.fileName < other.fileName ? -1 : 1)))
          hash.update(output.fileName).update(output.type === 'asset' ? output.source : output.code);
        for (const file of publicFiles) hash.update(await readFile(join(root, 'public', file)));
        const source = join(root, 'src/service-worker.ts');
        const { code } = await transformWithOxc(await readFile(source, 'utf8'), source);
        const files = {
          version: hash.digest('hex').slice(0, 16),
          paths: [...built.map(({ fileName }) => fileName), ...publicFiles].map((file) => `/${file}`),
        };
        this.emitFile({
          type: 'asset',
          fileName: 'service-worker.js',
          source: `const precachedFiles = ${JSON.stringify(files)};\n${code}`,
        });
      },
    },
  };
}
