import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitLinks } from './links.ts';

const linksIn = (text: string) =>
  splitLinks(text).flatMap((part) => (part.kind === 'link' ? [part.url.href] : []));

test('an address is found without the sentence around it', () => {
  expect(linksIn('Look (https://shop.example/a_(b)). Or www.shop.example!')).toEqual([
    'https://shop.example/a_(b)',
    'https://www.shop.example/',
  ]);
});

test('nothing but pages can be opened', () => {
  expect(linksIn('javascript:alert(1) data:text/html,x file:///etc/passwd ftp://a.example https://')).toEqual(
    [],
  );
});

test('a name before the host does not pass for the host', () => {
  const [part] = splitLinks('https://bank.example@evil.example/login');
  expect(part).toMatchObject({ kind: 'link' });
  expect(part?.kind === 'link' && part.url.href).toBe('https://evil.example/login');
});

test('a host in letters that look alike shows what it is', () => {
  expect(linksIn('https://аpple.com')).toEqual(['https://xn--pple-43d.com/']);
});

test('the parts of any text are the text again', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.webUrl(), fc.constantFrom(' ', '(', ').', 'www.'))),
      (pieces) => {
        const text = pieces.join('');
        expect(
          splitLinks(text)
            .map((part) => part.text)
            .join(''),
        ).toBe(text);
      },
    ),
  );
});
