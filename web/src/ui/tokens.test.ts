import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const [light = '', dark = ''] = css.split(/\[data-theme=.dark.\]/);
const themes = { light: readTokens(light), dark: { ...readTokens(light), ...readTokens(dark) } };

function readTokens(text: string): Record<string, number> {
  const found = text.matchAll(/--color-([\w-]+): oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g);
  return Object.fromEntries(
    [...found].map(([, name, lightness, chroma, hue]) => [
      name,
      luminance(Number(lightness), Number(chroma), Number(hue)),
    ]),
  );
}

/** Relative luminance as WCAG 2 counts it; the matrices are those of https://www.w3.org/TR/css-color-4/. */
function luminance(lightness: number, chroma: number, hue: number): number {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short;
  const green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short;
  const blue = -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short;
  // What a screen cannot show is shown as the nearest that it can.
  const shown = [red, green, blue].map((part) => Math.min(1, Math.max(0, part)));
  return 0.2126 * (shown[0] ?? 0) + 0.7152 * (shown[1] ?? 0) + 0.0722 * (shown[2] ?? 0);
}

const grounds = ['surface', 'surface-raised', 'surface-sunken', 'surface-hover', 'surface-selected'];
const meanings = ['accent', 'danger', 'warning', 'success', 'info'];

/** Text on its ground: 4.5 : 1. */
const texts: [text: string, ground: string][] = [
  ...grounds.flatMap((ground): [string, string][] => [
    ['text', ground],
    ['text-muted', ground],
    ['accent-text', ground],
  ]),
  ...meanings.flatMap((name): [string, string][] => [
    [`${name}-text`, `${name}-soft`],
    [`${name}-text`, 'surface'],
    [`${name}-text`, 'surface-raised'],
    [`${name}-text`, 'surface-sunken'],
    ['text', `${name}-soft`],
    ['text-muted', `${name}-soft`],
  ]),
  ['on-accent', 'accent'],
  ['on-accent', 'accent-hover'],
  ['on-danger', 'danger'],
  ['on-danger', 'danger-hover'],
];

/** Icons, borders of fields and other shapes that say something: 3 : 1. */
const shapes: [shape: string, ground: string][] = ['surface', 'surface-raised', 'surface-sunken'].flatMap(
  (ground) => [...meanings, 'line-strong'].map((shape): [string, string] => [shape, ground]),
);

describe.each(Object.entries(themes))('in the %s theme', (_theme, tokens) => {
  const ratio = (one: string, other: string) => {
    const [first, second] = [tokens[one], tokens[other]];
    if (first === undefined || second === undefined) throw new Error(`no token ${one} or ${other}`);
    return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05);
  };
  const tooFaint = (pairs: [string, string][], least: number) =>
    pairs
      .filter(([one, other]) => ratio(one, other) < least)
      .map(([one, other]) => `${one} on ${other}: ${ratio(one, other).toFixed(2)}`);

  test('all text can be read: 4.5 to 1 or more', () => {
    expect(tooFaint(texts, 4.5)).toEqual([]);
  });

  test('shapes that say something can be seen: 3 to 1 or more', () => {
    expect(tooFaint(shapes, 3)).toEqual([]);
  });
});

test('both themes name the same colours', () => {
  expect(Object.keys(readTokens(dark)).sort()).toEqual(Object.keys(readTokens(light)).sort());
});
