// Serves the built web app: files by their names, and its one page at every address that a member may have in mind.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Where scripts/build-web.mjs puts it. */
export const webFolder = fileURLToPath(new URL('../../../web/dist', import.meta.url));

/** Nothing below these is a page of the web app. */
const notPages = /^\/(?:api|mcp|webhooks?|health|livez|readyz|metrics)(?:\/|$)/;

/** Addresses of pages have no dot in their last part. */
const fileName = /\.[^/]*$/;

const notBuilt = `<!doctype html>
<html lang="en">
<title>Parley</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 20vh auto; padding: 0 1rem }</style>
<h1>The web app is not built yet</h1>
<p>Parley itself runs. <code>npm start</code> builds the web app by itself; a server that was started another way needs
<code>node scripts/build-web.mjs</code> once, and needs no restart.</p>
<p><a href="/api/docs">The API’s documents</a></p>
</html>
`;

/** @param folder a built web app; may come and go while the server runs. */
export async function registerSite(app: FastifyInstance, folder = webFolder): Promise<void> {
  await app.register(async (site) => {
    await site.register(fastifyStatic, {
      root: folder,
      serve: false,
      preCompressed: true,
      dotfiles: 'ignore',
      index: false,
      // The folder may be built later.
      suppressWarning: true,
    });
    const route = { schema: { hide: true }, config: { permission: 'public', rateLimit: false } } as const;

    // Their names change with their content (Vite): whoever has one has it for ever.
    site.get('/assets/*', route, (request, reply) => {
      const path = pathOf(request).slice(1);
      return reply.sendFile(path, { maxAge: '365d', immutable: true });
    });

    site.get('/*', route, (request, reply) => {
      const path = pathOf(request);
      if (notPages.test(path)) return reply.callNotFound();
      if (fileName.test(path)) {
        reply.header('cache-control', 'no-cache');
        return reply.sendFile(path.slice(1), { cacheControl: false });
      }
      return sendPage(request, reply);
    });
  });

  function sendPage(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    // Browsers name it when they go somewhere; programs that take anything get an error in the envelope.
    if (pathOf(request) !== '/' && !request.headers.accept?.includes('text/html')) {
      reply.callNotFound();
      return reply;
    }
    reply.header('cache-control', 'no-cache');
    if (existsSync(join(folder, 'index.html'))) return reply.sendFile('index.html', { cacheControl: false });
    return reply.code(503).type('text/html; charset=utf-8').send(notBuilt);
  }
}

const pathOf = (request: FastifyRequest) => request.url.replace(/[?#].*$/s, '');
