import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readChatAnswer } from '../../inference/inference.ts';
import { piecesOf } from './tell.ts';
import { pathTo, shownPath, type TreeNode } from './tree.ts';

/** Trees: each node hangs on one before it, or on nothing. */
const trees = fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 30 }).map((rows) =>
  rows.map(
    ([at, chosen], index): TreeNode => ({
      id: `n${index}`,
      parentId: at % (index + 1) === index ? null : `n${at % (index + 1)}`,
      chosen,
    }),
  ),
);

describe('the branch that is shown', () => {
  it('begins with a first message, follows parents, ends where nothing follows, and is among its siblings', () => {
    fc.assert(
      fc.property(trees, (nodes) => {
        const byId = new Map(nodes.map((node) => [node.id, node]));
        const path = shownPath(nodes);
        expect(path.length === 0).toBe(nodes.every(({ parentId }) => parentId !== null));
        for (const [index, { id, siblings }] of path.entries()) {
          expect(byId.get(id)?.parentId).toBe(path[index - 1]?.id ?? null);
          expect(siblings).toContain(id);
          const chosen = siblings.filter((sibling) => byId.get(sibling)?.chosen);
          if (chosen.length > 0) expect(chosen).toContain(id);
        }
        const last = path.at(-1);
        if (last) {
          expect(nodes.some(({ parentId }) => parentId === last.id)).toBe(false);
          expect(pathTo(nodes, last.id)).toEqual(path.map(({ id }) => id));
        }
      }),
    );
  });
});

describe('the pieces of what was written on', () => {
  it('put together by their places are the text, and each fits on the bus', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 3000, unit: 'binary' }),
        fc.string(),
        fc.string(),
        (shared, one, other) => {
          const [before, after] = [shared + one, shared + other];
          let text = before;
          for (const piece of piecesOf(before, after)) {
            expect(piece.offset).toBeLessThanOrEqual(text.length);
            expect(piece.text.length).toBeLessThanOrEqual(800);
            text = text.slice(0, piece.offset) + piece.text;
          }
          expect(text).toBe(after);
        },
      ),
    );
  });
});

describe('what a member reads of an answer', () => {
  const words = fc.array(
    fc.constantFrom(
      'We',
      ' open',
      '\n\n',
      '- at',
      ' [[P1]]',
      '[[P2, P3]]',
      ' [a link](https://x.org)',
      '[',
      ']',
      ' `a[0]`',
    ),
    { maxLength: 20 },
  );

  it('only ever grows while it is written, without our marks', () => {
    fc.assert(
      fc.property(words, (parts) => {
        const whole = parts.join('');
        let last = '';
        for (let length = 0; length <= whole.length; length += 1) {
          const { text } = readChatAnswer(whole.slice(0, length), false);
          expect(text.startsWith(last)).toBe(true);
          expect(text).not.toContain('[[P');
          last = text;
        }
        expect(readChatAnswer(whole, true).text.startsWith(last)).toBe(true);
      }),
    );
  });

  it('keeps the shape of Markdown, and says which passages it rests on', () => {
    const { text, cited, handOver } = readChatAnswer(
      'Hours:\n\n```\n  9 to 18 [[P1]]\n```\nBye. [[P3]]',
      true,
    );
    expect({ text, cited: [...cited], handOver }).toEqual({
      text: 'Hours:\n\n```\n  9 to 18\n```\nBye.',
      cited: [0, 2],
      handOver: false,
    });
  });
});
