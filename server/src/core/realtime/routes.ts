// `GET /api/v1/realtime`: where sockets are opened. Whoever asks is let in to be told by a close code why they may not
// stay, because a browser hides the answer to an upgrade; only a foreign page is refused before.
import websocket from '@fastify/websocket';
import { clientFrameBytesMax, closeCodes } from '@parley/contract/realtime-limits';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ParleyError } from '../errors.ts';
import type { Kernel } from '../kernel.ts';
import { socketCredentials } from './credentials.ts';
import { Hub } from './hub.ts';

const path = '/api/v1/realtime';
const query = z.object({ workspace: z.uuid().optional() });

/** Registers the socket in a scope of its own below the site's: no other route has its hooks. */
export function registerRealtime(site: FastifyInstance, kernel: Kernel): void {
  site.register(async (scope) => register(scope, kernel));
}

async function register(site: FastifyInstance, kernel: Kernel): Promise<void> {
  const hub = new Hub(kernel);
  const credentials = kernel.use(socketCredentials);
  const trustedOrigins = new Set([new URL(kernel.config.publicUrl).origin, ...kernel.config.CORS_ORIGINS]);
  // An `Upgrade` anywhere else is no reason to answer otherwise (RFC 9110, section 7.8).
  Object.assign(site.server, {
    shouldUpgradeCallback: ({ url = '' }: { url?: string }) => url.split('?')[0] === path && !hub.isDraining,
  });
  // A refused upgrade is answered on a socket that the HTTP server has let go of: nobody else would end it.
  site.addHook('onResponse', (request, _reply, done) => {
    if (request.headers.upgrade !== undefined) request.raw.socket.destroySoon();
    done();
  });
  await site.register(websocket, {
    options: { maxPayload: clientFrameBytesMax, perMessageDeflate: false, clientTracking: false },
    // A broken connection, or a frame that is too long: ws closes by itself, with the right code.
    errorHandler: (_error, socket) => socket.close(1011),
    preClose: () => hub.drain(),
  });
  site.get(
    path,
    {
      websocket: true,
      schema: { hide: true },
      config: { permission: 'public' },
      preValidation: async (request) => {
        const { origin, authorization } = request.headers;
        // A foreign page can make a browser open a socket with our cookie, but neither hide its origin nor add a header.
        if (authorization === undefined && origin !== undefined && !trustedOrigins.has(origin)) {
          throw new ParleyError({
            status: 403,
            code: 'foreign_origin',
            message: 'This page may not act for the signed-in user.',
          });
        }
      },
    },
    (socket, request) => {
      const asked = query.safeParse(request.query);
      if (!asked.success) return socket.close(closeCodes.forbidden, 'there is no such workspace');
      const workspaceId = asked.data.workspace ?? null;
      hub.open(socket, request.raw.socket, workspaceId, credentials.atUpgrade(request, workspaceId));
    },
  );
}
