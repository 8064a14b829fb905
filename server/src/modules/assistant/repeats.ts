// Whether an answer repeats what a model was instructed with: as it stands, or in a writing that is read back as easily as it
// was asked for. Pure. It holds against copies; what a model says in other words it cannot know, so nothing secret belongs
// into instructions.

/** Letters and digits in a row that nobody says by chance: a short sentence. */
const sentence = 36;

export function repeats(answer: string, instructions: string, repeatedMin = sentence): boolean {
  const source = lettersOf(instructions);
  const pieces = new Set<string>();
  for (let at = 0; at + repeatedMin <= source.length; at += 1) pieces.add(source.slice(at, at + repeatedMin));
  if (pieces.size === 0) return false;
  return writingsOf(answer).some((writing) => {
    for (let at = 0; at + repeatedMin <= writing.length; at += 1)
      if (pieces.has(writing.slice(at, at + repeatedMin))) return true;
    return false;
  });
}

const lettersOf = (text: string) =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

function writingsOf(answer: string): string[] {
  const letters = lettersOf(answer);
  const encoded = [...answer.matchAll(/[A-Za-z0-9+/_=\s-]{24,}/g)].flatMap(([run]) => {
    const packed = run.replace(/\s/g, '');
    return [
      Buffer.from(packed, 'base64').toString('utf8'),
      ...(/^[0-9a-f]+$/i.test(packed) ? [Buffer.from(packed, 'hex').toString('utf8')] : []),
    ];
  });
  return [letters, [...letters].reverse().join(''), rot13(letters), ...encoded.map(lettersOf)];
}

function rot13(letters: string): string {
  return letters.replace(/[a-z]/g, (letter) =>
    String.fromCharCode(((letter.charCodeAt(0) - 97 + 13) % 26) + 97),
  );
}
