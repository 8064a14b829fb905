// Vectors for tests: texts that speak of the same things point the same way, whatever words they say it in.

const concepts = [
  ['bicycle', 'two-wheeler', 'bicicleta'],
  ['courtyard', 'leave', 'somewhere'],
  ['refund', 'money back', 'reimburse'],
  ['broken', 'defective', 'damaged'],
  ['dog', 'puppy', 'perro'],
  ['breakfast', 'morning meal', 'croissant'],
  ['invoice', 'bill'],
  ['password', 'log in'],
];
const dimensions = 24;

/** One number for each concept, and a little of something else that differs from text to text. */
export const conceptVectors = (text: string): number[] => {
  const simple = text.toLowerCase();
  let seed = [...simple].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0, 7);
  return Array.from({ length: dimensions }, (_, at) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const said = concepts[at]?.filter((word) => simple.includes(word)).length ?? 0;
    return said + (seed / 2 ** 32 - 0.5) * 0.3;
  });
};
