// Whether a text is private: recognises card numbers, bank accounts, national ids, addresses and words of health. Pure, and
// on the careful side: what merely looks like one of them counts.
import type { Detector, RoutingSettings, Sensitivity } from '@parley/contract/routing';

export interface SensitivityLabel {
  readonly sensitivity: Sensitivity;
  /** `conversation`, `workspace`, `word`, or detectors. */
  readonly because: readonly string[];
}

/** @param given what is known of the conversation. */
export function labelOf(
  settings: Pick<RoutingSettings, 'alwaysPrivate' | 'detectors' | 'privateWords'>,
  given: Sensitivity,
  texts: readonly string[],
): SensitivityLabel {
  const because = [
    ...(given === 'private' ? ['conversation'] : []),
    ...(settings.alwaysPrivate ? ['workspace'] : []),
    ...(settings.privateWords.length > 0 && texts.some((text) => hasWord(text, settings.privateWords))
      ? ['word']
      : []),
    ...settings.detectors.filter((name) => texts.some(detectors[name])),
  ];
  return { sensitivity: because.length > 0 ? 'private' : 'normal', because };
}

const detectors: Readonly<Record<Detector, (text: string) => boolean>> = {
  card: hasCard,
  iban: hasIban,
  national_id: hasNationalId,
  // From the sign on: looking for it behind every letter takes the square of the text's length.
  email: (text) => /(?<=[\p{L}\p{N}._%+-])@[\p{L}\p{N}-]{1,63}\.[\p{L}\p{N}]/u.test(text),
  phone: hasPhone,
  health: (text) => healthWords.test(plain(text)),
};

/** Lower case without accents, and every digit of the world as 0 to 9. */
function plain(text: string): string {
  return digits(text).normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Full-width and other scripts' digits are digits too, and what cannot be seen parts no number. */
function digits(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\u200B-\u200D\u2060\uFEFF\u00AD]/g, '')
    .replace(/\p{Nd}/gu, (digit) => {
      if (digit >= '0' && digit <= '9') return digit;
      // Digits of a script stand in blocks of ten, in order.
      const code = digit.codePointAt(0) ?? 0;
      let zero = code;
      while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
      return String((code - zero) % 10);
    });
}

// What people put between the digits of a number.
const gap = String.raw`[\s.\-–—/·_]{0,3}`;
const numbers = new RegExp(String.raw`\d(?:${gap}\d){8,}`, 'g');

/** Runs of digits, however they are parted, each also without its parting. */
function longNumbers(text: string): string[] {
  return [...digits(text).matchAll(numbers)].map(([found]) => found.replace(/\D/g, ''));
}

/** 13 to 19 digits whose last one is right by Luhn (ISO/IEC 7812-1), anywhere in a run of digits. */
function hasCard(text: string): boolean {
  return longNumbers(text).some((number) => {
    if (number.length <= 19) return isCard(number);
    for (let at = 0; at + 13 <= number.length; at += 1) {
      for (const length of [16, 15, 14, 13]) if (isCard(number.slice(at, at + length))) return true;
    }
    return false;
  });
}

function isCard(number: string): boolean {
  return number.length >= 13 && number.length <= 19 && /^[2-6]/.test(number) && passesLuhn(number);
}

export function passesLuhn(number: string): boolean {
  let sum = 0;
  for (let at = 0; at < number.length; at += 1) {
    const digit = Number(number[number.length - 1 - at]);
    const doubled = digit * 2;
    sum += at % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

// Looked for at every word: one that only looks like it may begin before it.
const ibans = /\b(?=([a-z]{2}\s?\d{2}(?:[\s-]?[a-z0-9]){11,30}))/g;

/** How long an account number of each country is, by the registry of ISO 13616: any other length is chance. */
const ibanLengths: ReadonlyMap<string, number> = new Map(
  (
    'no15 be16 dk18 fo18 fi18 gl18 nl18 mk19 si19 at20 ba20 ee20 kz20 lt20 lu20 xk20 ch21 hr21 li21 lv21 ' +
    'bg22 bh22 de22 gb22 ge22 ie22 me22 rs22 va22 ae23 gi23 il23 iq23 om23 so23 tl23 ad24 cz24 es24 md24 ' +
    'pk24 ro24 sa24 se24 sk24 tn24 vg24 ly25 pt25 st25 is26 tr26 bi27 dj27 fr27 gr27 it27 mc27 mr27 sm27 ' +
    'al28 az28 by28 cr22 cy28 do28 gt28 hu28 lb28 pl28 ni28 sd18 br29 eg29 ps29 qa29 ua29 jo30 kw30 mu30 ' +
    'sc31 lc32 mt31 fk18 mn20 ru33 hn28 sv28 ye30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** Two letters of a country, two digits and as many more as it has, whose remainder by 97 is 1 (ISO 13616). */
function hasIban(text: string): boolean {
  return [...plain(text).matchAll(ibans)].some(([, found = '']) => {
    const run = found.replace(/[\s-]/g, '');
    const length = ibanLengths.get(run.slice(0, 2));
    // Words that follow look like more of it.
    return length !== undefined && run.length >= length && passesMod97(run.slice(0, length));
  });
}

function passesMod97(iban: string): boolean {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    for (const digit of String(Number.parseInt(character, 36))) rest = (rest * 10 + Number(digit)) % 97;
  }
  return rest === 1;
}

const dniLetters = 'trwagmyfpdxbnjzsqvhlcke';

/** US social security, Spanish DNI and NIE, Brazilian CPF and CNPJ, Portuguese NIF, Mexican CURP. */
function hasNationalId(text: string): boolean {
  const simple = plain(text);
  if (/\b(?!000|666|9\d\d)\d{3}[-\s.](?!00)\d{2}[-\s.](?!0000)\d{4}\b/.test(simple)) return true;
  if (/\b[a-z][aeioux][a-z]{2}\d{6}[hmx][a-z]{5}[a-z0-9]\d\b/.test(simple)) return true;
  for (const [, first = '', number = '', letter = ''] of simple.matchAll(
    /\b([xyz]?)[\s-]?(\d{1,2}\.?\d{3}\.?\d{3})[\s-]?([a-z])\b/g,
  )) {
    const whole = `${'xyz'.includes(first) && first ? 'xyz'.indexOf(first) : ''}${number.replace(/\D/g, '')}`;
    if (whole.length >= 7 && whole.length <= 8 && dniLetters[Number(whole) % 23] === letter) return true;
  }
  return longNumbers(text).some(
    (number) =>
      (number.length === 11 && passesCpf(number)) ||
      (number.length === 14 && passesCnpj(number)) ||
      (number.length === 9 && /\b(?:nif|contribuinte|ssn|social security)\b/.test(simple)),
  );
}

function checkDigit(number: string, weights: readonly number[]): number {
  const sum = weights.reduce((total, weight, at) => total + weight * Number(number[at]), 0);
  const rest = sum % 11;
  return rest < 2 ? 0 : 11 - rest;
}

function passesCpf(number: string): boolean {
  if (/^(\d)\1+$/.test(number)) return false;
  const weights = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2];
  return (
    checkDigit(number, weights.slice(1)) === Number(number[9]) &&
    checkDigit(number, weights) === Number(number[10])
  );
}

function passesCnpj(number: string): boolean {
  if (/^(\d)\1+$/.test(number)) return false;
  const weights = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
  return (
    checkDigit(number, weights.slice(1)) === Number(number[12]) &&
    checkDigit(number, weights) === Number(number[13])
  );
}

function hasPhone(text: string): boolean {
  return [...digits(text).matchAll(/\+?\(?\d(?:[\s().\-–/]{0,3}\d){6,14}(?!\d)/g)].some(([found]) => {
    const length = found.replace(/\D/g, '').length;
    // Without a sign of a telephone number, a short one may be a price or a year.
    return length >= (found.startsWith('+') ? 7 : 9) && length <= 15;
  });
}

// Beginnings of words, without accents: an ending more is the same matter.
const healthWords = new RegExp(
  `\\b(?:${[
    // English
    'diagnos|symptom|prescri|medicat|medicine|pregnan|miscarriage|abortion|cancer|tumou?r|chemo|diabet|insulin',
    'hiv|aids|std\\b|sti\\b|depress|anxiety|suicid|self.?harm|therap|psychi|antidepress|surgery|hospital',
    'disabilit|allerg|blood (?:test|pressure|type)|medical record|health record|overdose|addict|rehab',
    // Spanish and Portuguese, where they differ
    'sintoma|receta medica|receita medica|medicament|medicac|embaraz|gravid|aborto|cancer|quimio|insulina',
    'vih|sida\\b|depresi|ansiedad|suicid|terapia|psiqu|psico|cirug|cirurg|hospital|discapacidad|deficiencia',
    'alergi|presion arterial|pressao arterial|historia clinica|historial medico|prontuario|sobredosis|adicci',
    'enfermedad|doenca|tumor|remedio|consulta medica|exame de sangue|analisis de sangre',
  ].join('|')})`,
);

function hasWord(text: string, words: readonly string[]): boolean {
  const simple = plain(text);
  return words.some((word) => {
    const wanted = plain(word);
    for (let at = simple.indexOf(wanted); at >= 0; at = simple.indexOf(wanted, at + 1)) {
      const before = simple[at - 1] ?? ' ';
      const after = simple[at + wanted.length] ?? ' ';
      if (!/[\p{L}\p{N}]/u.test(before) && !/[\p{L}\p{N}]/u.test(after)) return true;
    }
    return false;
  });
}
