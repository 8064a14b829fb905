// A scripted upstream: answers chat completions at once, or in pieces with a pause between them; under `/flaky`, every
// second call is refused.
import { createServer } from 'node:http';

const head = { id: 'chatcmpl-1', created: 1, model: 'scripted' };
const usage = { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18 };
const whole = JSON.stringify({
  ...head,
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'We are open from nine to six.', refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage,
});
const refusal = JSON.stringify({
  error: { message: 'overloaded', type: 'server_error', param: null, code: null },
});
const piece = (delta: object, finish: string | null) =>
  `data: ${JSON.stringify({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  })}\n\n`;
const pieces = 40;
const pauseMs = 25;
let calls = 0;

createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    if (request.method === 'GET') return response.end('ok');
    if (request.url?.startsWith('/flaky')) {
      calls += 1;
      if (calls % 2 === 0)
        return response.writeHead(500, { 'content-type': 'application/json' }).end(refusal);
    }
    if (!body.includes('"stream":true'))
      return response.writeHead(200, { 'content-type': 'application/json' }).end(whole);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let sent = 0;
    const timer = setInterval(() => {
      sent += 1;
      if (sent <= pieces) response.write(piece({ content: `w${sent} ` }, null));
      else {
        clearInterval(timer);
        response.end(`${piece({}, 'stop')}data: [DONE]\n\n`);
      }
    }, pauseMs);
    response.once('close', () => clearInterval(timer));
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
