import fc from 'fast-check';
import { expect, it } from 'vitest';
import { serverToolName } from './server-tool.ts';

it('the tools of servers have names of their own, which models take', () => {
  const server = fc.stringMatching(/^[a-z][a-z0-9]{1,19}$/);
  const tool = fc.oneof(
    fc.string({ minLength: 1, maxLength: 90 }),
    fc.stringMatching(/^[a-z._]{55,70}$/),
    fc.constantFrom('a.b', 'a_b', 'a b', `a_b_${'0'.repeat(8)}`),
  );
  fc.assert(
    fc.property(server, tool, server, tool, (one, its, other, theirs) => {
      const name = serverToolName(one, its);
      expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
      if (one !== other || its !== theirs) expect(serverToolName(other, theirs)).not.toBe(name);
    }),
  );
});

it('a name that fits stays as it is, and one that does not is the same each time', () => {
  expect(serverToolName('weather', 'now')).toBe('weather_now');
  expect(serverToolName('weather', 'weather.now')).toBe(serverToolName('weather', 'weather.now'));
  expect(serverToolName('weather', 'weather.now')).toMatch(/^weather_weather_now_[0-9a-f]{8}$/);
  const made = serverToolName('weather', 'weather.now');
  // Who calls a tool like the made name of another has another name all the same.
  expect(serverToolName('weather', made.slice('weather_'.length))).not.toBe(made);
  expect(serverToolName('shop', `${'x'.repeat(70)}1`)).not.toBe(serverToolName('shop', `${'x'.repeat(70)}2`));
});
