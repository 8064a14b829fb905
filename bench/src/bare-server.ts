// The ceiling: a bare Fastify that parses the same form and does one plain insert per request.
import { parse } from 'node:querystring';
import Fastify from 'fastify';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
await pool.query('create table if not exists bare (sid text primary key, body text not null)');
const app = Fastify();
app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
  done(null, parse(String(body))),
);
app.get('/livez', async () => 'ok');
app.post('/webhook', async (request, reply) => {
  const form = request.body as Record<string, string>;
  await pool.query({
    name: 'insert',
    text: 'insert into bare (sid, body) values ($1, $2)',
    values: [form.MessageSid, form.Body],
  });
  return reply.type('text/xml').send('<Response/>');
});
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
