import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fit, historyOf, type ReadableMessage, repliesSince, unansweredOf } from './thread.ts';

const start = Date.UTC(2026, 10, 20);

/** `contact: hello` is an inbound message; a status may follow the sender: `assistant draft: hello`. */
function thread(...lines: string[]): ReadableMessage[] {
  return lines.map((line, index) => {
    const [, senderKind = '', status = 'delivered', body = ''] = /^(\w+)(?: (\w+))?: (.*)$/.exec(line) ?? [];
    return {
      id: String(index),
      senderKind: senderKind as ReadableMessage['senderKind'],
      direction: senderKind === 'contact' ? 'inbound' : 'outbound',
      status,
      body,
      createdAt: new Date(start + index * 60_000),
    };
  });
}

const ids = (messages: readonly ReadableMessage[]) => messages.map(({ id }) => id).join();

describe('what is to be answered', () => {
  it('is, the first time, what the contact said since somebody spoke', () => {
    expect(ids(unansweredOf(thread('contact: a', 'assistant: b', 'contact: c', 'contact: d'), null))).toBe(
      '2,3',
    );
    expect(ids(unansweredOf(thread('contact: a', 'system: help', 'contact: b'), null))).toBe('0,2');
  });

  it('is what the last turn has not read, wherever it stands', () => {
    const said = thread('contact: a', 'contact: stored late', 'assistant: to a', 'contact: b');
    expect(ids(unansweredOf(said, new Set(['0'])))).toBe('1,3');
  });

  it('is nothing that a member spoke after', () => {
    const said = thread('contact: a', 'contact: b', 'member: c');
    expect([unansweredOf(said, null), unansweredOf(said, new Set(['0']))]).toEqual([[], []]);
    expect(ids(unansweredOf(thread('contact: a', 'member draft: c'), null))).toBe('0');
  });

  it('is no opt-out word, whatever its spelling, nor the yes that takes a STOP back', () => {
    const said = thread(
      'contact: a',
      'contact: HELP',
      'system: b',
      'contact: ¡Ayuda!',
      'contact: Stop.',
      'contact: yes',
    );
    expect(ids(unansweredOf(said, null))).toBe('0');
    expect(unansweredOf(said, new Set(['0']))).toEqual([]);
    expect(ids(unansweredOf(thread('contact: yes', 'contact: please stop the music'), null))).toBe('0,1');
  });
});

describe('what a model reads', () => {
  it('ends with what is to be answered, and leaves out what nobody heard', () => {
    const said = thread(
      'contact: a',
      'system: b',
      'assistant failed: c',
      'contact: late',
      'assistant: d',
      'contact: e',
    );
    const unanswered = unansweredOf(said, new Set(['0']));
    expect(historyOf(said, unanswered)).toEqual([
      { sender: 'contact', text: 'a' },
      { sender: 'assistant', text: 'd' },
      { sender: 'contact', text: 'late' },
      { sender: 'contact', text: 'e' },
    ]);
  });

  it('has no opt-out words in it, and takes none for a question that was left to a person', () => {
    const said = thread('contact: a', 'assistant: b', 'contact: HELP', 'system: c', 'contact: d');
    expect(historyOf(said, unansweredOf(said, new Set(['0']))).map(({ text }) => text)).toEqual([
      'a',
      'b',
      'd',
    ]);
  });

  it('tells what was left to a person from what is asked now', () => {
    const said = thread('contact: giraffes?', 'contact: hours?');
    const history = historyOf(said, unansweredOf(said, new Set(['0'])));
    expect(history.map(({ sender }) => sender)).toEqual(['contact', 'assistant', 'contact']);
  });
});

it('counts automatic replies only as far back as the thread tells', () => {
  const said = thread('assistant: a', 'contact: b', 'assistant draft: c', 'assistant: d');
  const before = new Date(start - 1);
  expect([repliesSince(said, before, true), repliesSince(said, before, false)]).toEqual([2, null]);
  expect(repliesSince(said, new Date(start), false)).toBe(1);
});

describe('a text that is cut to fit', () => {
  it('ends with a sentence, else with a word, and loses nothing when it fits', () => {
    expect(fit('One. Two. Three.', 11)).toBe('One. Two.');
    expect(fit('Onetwothree four five.', 16)).toBe('Onetwothree four');
    expect(fit('One. Two.', 9)).toBe('One. Two.');
  });

  it('is never longer than it may be, never empty and never half a character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1 }),
        fc.integer({ min: 2, max: 200 }),
        (text, lengthMax) => {
          fc.pre(text.trim() === text && text !== '' && text.isWellFormed());
          const cut = fit(text, lengthMax);
          return cut !== '' && cut.length <= lengthMax && cut.isWellFormed() && text.startsWith(cut);
        },
      ),
    );
  });
});
