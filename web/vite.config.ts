// How the web app is built (into web/dist, by scripts/build-web.mjs) and served while it is developed.
import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressFiles, preloadFirst, reportSizes } from './build/plugins.ts';
import { serviceWorker } from './build/service-worker.ts';
import { partTexts } from './build/texts.ts';

/** Where the server is while Vite serves the app. */
const server = process.env.PARLEY_DEV_SERVER ?? 'http://127.0.0.1:3000';

const source = fileURLToPath(new URL('src', import.meta.url));
/** What a member sees first. */
const threadPane = /\/features\/conversations\/thread\.tsx$/;
const inboxPage = /\/features\/conversations\/inbox-page\.tsx$/;

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [
    react(),
    tailwindcss(),
    preloadFirst({
      font: /^inter-latin-wght-normal/,
      page: inboxPage,
      words: /parley-texts\/first\.(\w+)\./,
    }),
    partTexts(source),
    reportSizes([inboxPage, /parley-texts\/first\./], [threadPane], 150 * 1024),
    serviceWorker(),
    compressFiles(),
  ],
  build: {
    target: 'es2022',
    outDir: process.env.PARLEY_WEB_OUT ?? 'dist',
    emptyOutDir: true,
    // Nothing is inlined: the content security policy lets fonts and pictures come from us only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // What one view needs comes in one file, not in forty that two views happen to share.
        codeSplitting: {
          groups: [
            { name: 'app', test: /\/app\/(?:main|router)\.tsx$/, priority: 3 },
            { name: 'inbox', test: inboxPage, priority: 2 },
            { name: 'thread', test: threadPane, priority: 1 },
          ],
        },
      },
    },
    reportCompressedSize: false,
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: {
      '/api': { target: server, ws: true },
      '/health': { target: server },
    },
  },
});
