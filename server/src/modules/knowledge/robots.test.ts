import fc from 'fast-check';
import { expect, it } from 'vitest';
import { processorMs } from '../../../test/processor-time.ts';
import { readRobots } from './robots.ts';

const isAllowed = (text: string, path: string) =>
  readRobots(text, 'ParleyBot').isAllowed(new URL(path, 'https://site.example'));

it.each([
  ['Disallow: /private', '/private/one', false],
  ['Disallow: /private', '/public', true],
  ['Disallow: /', '/anything', false],
  ['Disallow:', '/anything', true],
  ['Disallow: /a\nAllow: /a/b', '/a/b/c', true],
  ['Disallow: /a/b\nAllow: /a', '/a/b/c', false],
  ['Disallow: /page\nAllow: /page', '/page', true],
  ['Disallow: /*.pdf$', '/files/one.pdf', false],
  ['Disallow: /*.pdf$', '/files/one.pdf?page=2', true],
  ['Disallow: /a*b*c', '/a1b2b3c4', false],
  ['Disallow: /a*b*c', '/a1c2b3', true],
  ['Disallow: /a$', '/a', false],
  ['Disallow: /a$', '/ab', true],
  ['Disallow: /a*a$', '/a', true],
  ['Disallow: *?id=', '/x?id=1', false],
  ['Disallow: /caf%c3%a9 # the menu', '/café', false],
  ['Disallow: /café', '/caf%C3%A9', false],
  ['# Disallow: /', '/anything', true],
])('a robots.txt that says %j says of %j: %j', (rules, path, expected) => {
  expect(isAllowed(`User-agent: *\n${rules}`, path)).toBe(expected);
});

it('has rules for us, for several, or for everybody', () => {
  const text = [
    'User-agent: *',
    'Disallow: /',
    '',
    'User-agent: OtherBot',
    'User-agent: parleybot/2.0',
    'Disallow: /no',
    'User-agent: ParleyBot',
    'Disallow: /neither',
  ].join('\r\n');
  expect(['/yes', '/no', '/neither'].map((path) => isAllowed(text, path))).toEqual([true, false, false]);
  expect(readRobots(text, 'Elsewhere').isAllowed(new URL('https://site.example/yes'))).toBe(false);
});

it('fits a wildcard as a regular expression would', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 });
  fc.assert(
    fc.property(
      fc.array(text, { minLength: 1, maxLength: 4 }),
      text,
      fc.boolean(),
      (parts, path, isWhole) => {
        const pattern = `/${parts.join('*')}`;
        const expected = new RegExp(`^/${parts.join('.*')}${isWhole ? '$' : ''}`).test(`/x/${path}`);
        const url = { pathname: `/x/${path}`, search: '' } as URL;
        const robots = readRobots(`User-agent: *\nDisallow: ${pattern}${isWhole ? '$' : ''}`, 'ParleyBot');
        expect(robots.isAllowed(url)).toBe(!expected);
      },
    ),
  );
});

it('that is made to take for ever takes no time', () => {
  const hostile = `User-agent: *\n${`Disallow: /${'*a'.repeat(1_000)}b\n`.repeat(250)}`;
  let allowed = false;
  const spentMs = processorMs(() => {
    allowed = isAllowed(hostile, `/${'a'.repeat(2_000)}`);
  });
  expect(allowed).toBe(true);
  expect(spentMs).toBeLessThan(1_000);
});
