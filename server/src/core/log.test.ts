import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createLogger, serializeError } from './log.ts';

const phone = '+15551230001';
const secret = 'xyzzy the content';

function logged(write: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLogger('trace', { write: (line) => void lines.push(line) }));
  return lines.map((line) => JSON.parse(line));
}

describe('a log line', () => {
  it('is JSON with its level, moment, message and what was given', () => {
    const [line] = logged((log) =>
      log.child({ request_id: 'r', workspace_id: 'w' }).warn({ route: '/x' }, 'hello'),
    );
    expect(line).toMatchObject({
      level: 'warn',
      msg: 'hello',
      request_id: 'r',
      workspace_id: 'w',
      route: '/x',
    });
    expect(new Date(String(line?.timestamp)).getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  it('is one line whatever is in it, and its moment is UTC', () => {
    const written: string[] = [];
    const forged = 'x\n{"level":"error","msg":"forged"}\r\n\u2028\u001b[31m';
    const log = createLogger('trace', { write: (line) => void written.push(line) });
    log.info({ route: forged, [forged]: 1 }, forged);
    log.error({ err: Object.assign(new Error('a fault'), { code: forged }) }, 'failed');
    expect(written).toHaveLength(2);
    for (const line of written) {
      for (const mark of ['\n', '\r', '\u001b']) expect(line.trimEnd()).not.toContain(mark);
      expect(JSON.parse(line)).toMatchObject({
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      });
    }
  });

  it('shows no whole telephone number, wherever one is put', () => {
    const lines = logged((log) => {
      log.info(`to ${phone}`);
      log.info('to %s', phone);
      log.info({ to: phone, deep: { list: [{ number: '(555) 123-0001' }] } }, 'sent');
      log.info(
        { at: `2026-01-05 ${phone}`, id: `01a1fbff-c7be-77be-b071-44fae71b2df8 ${phone}` },
        'beside an id',
      );
      log.error(
        { err: new Error(`no route to ${phone}`, { cause: new Error(`really not to ${phone}`) }) },
        'failed',
      );
      log.error(new Error(`${phone} is busy`));
      log.error({ err: new Error(`${phone} is busy`) });
    });
    expect(lines).toHaveLength(7);
    expect(JSON.stringify(lines)).not.toMatch(/5551230001|123-0001/);
    expect(lines[0]?.msg).toBe('to +1•••0001');
  });

  it('keeps ids, moments and figures as they are', () => {
    const values = {
      id: '01a1fbff-c7be-77be-b071-44fae71b2df8',
      sid: 'SM0123456789abcdef0123456789abcdef',
      at: '2026-01-05T12:00:00.000Z',
      day: '2026-01-05',
      ms: 123_456_789,
      short: '12345',
    };
    expect(logged((log) => log.info(values, 'x'))[0]).toMatchObject(values);
  });

  it('shows no credential under a name that credentials have', () => {
    const names = ['authorization', 'cookie', 'password', 'token', 'secret'];
    const lines = logged((log) => {
      for (const name of names) {
        log.info({ [name]: 'hunter2hunter2' }, 'flat');
        log.info({ headers: { [name]: 'hunter2hunter2' } }, 'nested');
      }
    });
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });
});

describe('an error in a log', () => {
  const serialized = (error: unknown) => JSON.stringify(serializeError(error));
  const caught = (work: () => unknown) => {
    try {
      return work();
    } catch (error) {
      return error;
    }
  };

  it('says its type, code, place and cause', () => {
    const error = Object.assign(new TypeError('nothing there', { cause: new RangeError('too far') }), {
      code: 'E1',
    });
    const result = serializeError(error);
    expect(result).toMatchObject({
      type: 'TypeError',
      message: 'nothing there',
      code: 'E1',
      cause: { type: 'RangeError', message: 'too far' },
    });
    expect(result.stack).toContain('log.test.ts');
  });

  it('shows nothing of a value that a parser or the database refused', () => {
    const refused = [
      caught(() => JSON.parse(`${secret} {`)),
      Object.assign(new pg.DatabaseError(`invalid input syntax for type integer: "${secret}"`, 1, 'error'), {
        code: '22P02',
        detail: secret,
      }),
      Object.assign(new Error(`Failed query: insert into t values ($1)\nparams: ${secret}`), {
        cause: new Error('connection lost'),
      }),
      Object.assign(new Error(`x ${secret}`), { query: 'select $1', params: [secret] }),
      new Error('wrapped', { cause: new Error('again', { cause: caught(() => JSON.parse(secret)) }) }),
      caught(() => z.object({ name: z.enum(['a']) }).parse({ name: secret, [secret]: 1 })),
    ];
    for (const error of refused) expect(serialized(error)).not.toContain('xyzzy');
  });

  it('logged without a message says the same and shows no more', () => {
    const error = Object.assign(new Error(`Failed query\nparams: ${secret}`), {
      query: 'select',
      params: [secret],
    });
    const lines = logged((log) => {
      log.error(error);
      log.error({ err: error });
    });
    expect(lines.map((line) => line.msg)).toEqual(['a database query failed', 'a database query failed']);
    expect(JSON.stringify(lines)).not.toContain('xyzzy');
  });

  it('shows nothing of a message’s further lines by way of the stack', () => {
    expect(serialized(new Error(`first line\nlast ${phone}`))).not.toContain(phone);
  });

  it('that is none is named by its type only', () => {
    expect(serialized(secret)).not.toContain('xyzzy');
    expect(serialized(undefined)).toContain('undefined');
  });

  it('with causes in a circle comes to an end', () => {
    const error = new Error('round');
    error.cause = error;
    expect(serialized(error).length).toBeLessThan(20_000);
  });
});

it('what is no telephone number is left alone', () => {
  for (const text of ['42', '12345', 'order 2026', '1,234.50', '3 of 10']) {
    expect(logged((log) => log.info(text))[0]?.msg).toBe(text);
  }
});
