// How a stored file is answered to a member: a browser may keep it, and asks each time whether it still may show it.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fileHeaders } from './media-types.ts';

/** A file never changes under its id. Call it with what the caller may read now: who may not gets no 304 either. */
export function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { id, contentType, body }: { readonly id: string; readonly contentType: string; readonly body: Buffer },
): FastifyReply {
  const tag = `"${id}"`;
  // Kept without asking, it would be shown to whoever uses the browser after its member has signed out.
  reply.headers({ 'cache-control': 'private, no-cache', etag: tag });
  const known = (request.headers['if-none-match'] ?? '').split(',');
  if (known.some((one) => one.trim().replace(/^W\//, '') === tag)) return reply.code(304).send();
  return reply.type(contentType).headers(fileHeaders(id, contentType)).send(body);
}
