// The ceiling: a bare Fastify that parses the same form and keeps it by one plain insert per request.
import { parse } from 'node:querystring';
import Fastify from 'fastify';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
await pool.query('create table if not exists bare (sid text primary key, payload text not null)');
const app = Fastify();
app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
  done(null, parse(String(body))),
);
app.get('/livez', async () => 'ok');
app.post('/webhook', async (request, reply) => {
  const form = request.body as Record<string, string>;
  await pool.query('insert into bare (sid, payload) values ($1, $2)', [
    form.MessageSid,
    JSON.stringify(form),
  ]);
  return reply.type('text/xml').send('<Response/>');
});
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
