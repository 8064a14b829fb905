// Whether a question or its answer is about one contact and not about what everybody may ask. Pure, and on the careful
// side: what is left out here costs a proposal, what slips through costs somebody's privacy.
import { labelOf } from '../../inference/inference.ts';
import { fold } from '../../knowledge/knowledge.ts';

export type Personal = 'name' | 'number' | 'contact_data' | 'health' | 'moment' | 'own_matter' | 'promise';

export interface KnownOfContact {
  /** What the contact is called. */
  readonly names: readonly string[];
  /** Words that the workspace calls private. */
  readonly privateWords: readonly string[];
}

export interface Pair {
  readonly question: string;
  readonly answer: string;
}

/** What makes it personal; null for what may be proposed to members. */
export function personalIn({ question, answer }: Pair, known: KnownOfContact): Personal | null {
  const texts = [question, answer];
  const both = fold(texts.join('\n'));
  if (isPrivate(texts, known, ['card', 'iban', 'national_id', 'email', 'phone'])) return 'contact_data';
  if (numberOfOne.some((pattern) => pattern.test(both)) || /https?:\/\/\S*[?&=]/.test(both)) return 'number';
  if (texts.some((text) => titled.test(text) || calledWithoutComma.test(text))) return 'name';
  if (introduction.test(both) || namesOf(known).some((name) => hasWord(both, name))) return 'name';
  if (moment.test(both)) return 'moment';
  if (ownState.test(fold(answer)) || askedOfOwn.test(fold(question))) return 'own_matter';
  if (isPromise(answer)) return 'promise';
  if (firstPerson.test(fold(question)) && isPrivate([question], known, ['health'])) return 'health';
  return null;
}

/** Whoever writes it does something now, or says that they will: that answers one person, once. */
export function isPromise(text: string): boolean {
  return promise.test(fold(text).replaceAll('’', "'"));
}

function isPrivate(
  texts: readonly string[],
  { privateWords }: KnownOfContact,
  detectors: Parameters<typeof labelOf>[0]['detectors'],
): boolean {
  const settings = { detectors, privateWords: [...privateWords], alwaysPrivate: false };
  return labelOf(settings, 'normal', texts).sensitivity === 'private';
}

/** Shorter ones are words in too many languages. */
const nameLengthMin = 3;

function namesOf({ names }: KnownOfContact): string[] {
  return names.flatMap((name) =>
    fold(name)
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word.length >= nameLengthMin),
  );
}

function hasWord(folded: string, word: string): boolean {
  return new RegExp(`(?<![\\p{L}\\p{N}])${word}(?![\\p{L}\\p{N}])`, 'u').test(folded);
}

// All patterns but those of names are held against folded text: lower case, no accents.
const things =
  'order|parcel|package|shipment|delivery|appointment|booking|reservation|table|refund|payment|invoice|account|' +
  'subscription|ticket|repair|car|bike|phone|laptop|pedido|paquete|envio|cita|reserva|mesa|reembolso|pago|factura|' +
  'cuenta|suscripcion|reparacion|coche|movil|encomenda|pacote|entrega|consulta|marcacao|agendamento|pagamento|fatura|' +
  'conta|assinatura|reparo|carro|celular';
const mine = 'my|mi|mis|meu|meus|minha|minhas';
const yours = 'your|tu|tus|su|sus|seu|seus|sua|suas|teu|teus|tua|tuas';

/** Of an order, a ticket, a code. */
const numberOfOne: readonly RegExp[] = [
  /#\s?\d{2,}/,
  /\d{6,}/,
  new RegExp(
    `\\b(?:${things}|tracking|case|reference|ref|customer|expediente|localizador|rastreio|protocolo|cliente)s?\\s*` +
      String.raw`(?:(?:no|nr|num|number|numero|id|code|codigo)\b\.?)?\s*[:#-]?\s*(?=[a-z-]*\d)[a-z0-9][a-z0-9-]{2,}`,
  ),
  /\b(?=[a-z0-9-]*[a-z])(?=(?:[a-z-]*\d){3})[a-z0-9-]{6,}/,
];

const titled = /\b(?:Mrs?|Ms|Miss|Sr|Sra|Srta|Don|Doña|Dona|Senhora?|Señora?|Señorita)\b\.? \p{Lu}\p{L}/u;
/** "Hi Maria we open at nine": with a comma, the greeting was taken off before. */
const calledWithoutComma =
  /^(?:Hi|Hello|Hey|Hola|Olá|Ola|Oi|Dear|Querid[oa]|Estimad[oa]|Car[oa]) \p{Lu}\p{L}+/u;
const introduction =
  /\b(?:my name is|i am called|me llamo|mi nombre es|meu nome e|me chamo|chamo-me|this is \p{L}+ (?:from|calling))\b/u;

const months =
  'january|february|march|april|june|july|august|september|october|november|december|enero|febrero|marzo|abril|mayo|' +
  'junio|julio|agosto|septiembre|octubre|noviembre|diciembre|janeiro|fevereiro|marco|maio|junho|julho|setembro|' +
  'outubro|novembro|dezembro';
const weekdays =
  'monday|tuesday|wednesday|thursday|friday|saturday|sunday|lunes|martes|miercoles|jueves|viernes|sabado|domingo|' +
  'segunda|terca|quarta|quinta|sexta';
/** A day, or one that is only known from when it was said. Opening hours name weekdays and times, and none of these. */
const moment = new RegExp(
  [
    String.raw`\b(?!24\/7\b)\d{1,2}\/\d{1,2}(?:\/\d{2,4})?\b`,
    String.raw`\b\d{1,2}[.-]\d{1,2}[.-]\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b`,
    String.raw`\b\d{1,2}(?:st|nd|rd|th)?(?: of| de)? (?:${months})\b|\b(?:${months}) \d{1,2}(?:st|nd|rd|th)?\b`,
    String.raw`\b(?:today|tonight|tomorrow|yesterday|right now|hoy|ayer|(?<!la )manana|hoje|amanha|ontem|see you)\b`,
    String.raw`\b(?:this|next|last) (?:morning|afternoon|evening|week|weekend|month|${weekdays})\b`,
    String.raw`\b(?:esta|n?esta) (?:manana|tarde|noche|noite|semana)\b|\b(?:este|neste) (?:fin|fim|mes|${weekdays})\b`,
    String.raw`\b(?:proxim[oa]|que viene|que vem|pasad[oa]|passad[oa]) (?:semana|mes|${weekdays})\b|\b(?:semana|mes) (?:que vie?ne|que vem|proxim[oa])\b`,
    String.raw`\b(?:in|en|em|dentro de|daqui a) (?:a|an|un|una|um|uma|\d+) (?:minute|hour|min|minuto|hora|h)s?\b`,
    String.raw`\b(?:te|le|os|lo|la) esper(?:o|amos)\b|\bnos vemos\b|\besper(?:o|amos) (?:voce|por ti)\b`,
  ].join('|'),
);

const ownState = new RegExp(
  `\\b(?:${yours})\\s+(?:\\p{L}+\\s+)?(?:${things})s?\\s+` +
    '(?:is|are|was|has|have|left|arrived|esta|estan|ha|han|fue|sale|salio|llega|llego|llegara|ya|foi|ja|chega|chegou|saiu)\\b',
  'u',
);
const askedOfOwn = new RegExp(
  `\\b(?:where|when|has|have|did|is|was|are|donde|cuando|ha|han|llego|esta|onde|quando|ja|foi|chegou)\\b.{0,25}\\b(?:${mine})\\s+(?:\\p{L}+\\s+)?(?:${things})`,
  'u',
);
const firstPerson =
  /\b(?:i|i'm|i've|my|me|mi|tengo|soy|estoy|sufro|padezco|tenho|sou|estou|sofro|minha|meu)\b/;

const promise = new RegExp(
  [
    "\\b(?:i'll|i will|i've|i have|i just|i'm|i am|let me|give me|hold on|bear with|one (?:moment|second|sec|minute)|just a (?:moment|second|sec|minute))\\b",
    "\\bwe(?:'ve| have) (?:just |already |now )?(?:sent|shipped|received|refunded|booked|cancell?ed|changed|reserved|put|set)\\b|\\bwe(?:'ll| will) (?:check|let you|get back|call|write)\\b",
    '\\b(?:voy|ya (?:te|le|lo|la|les|os)|(?:te|le|os|lo) (?:he|hemos|acabo|acabamos|confirmo|confirmamos|aviso|avisamos|llamo|llamamos|miro|reviso)|acab(?:o|amos) de|dejame|dejeme|dame|deme|un (?:momento|segundo|minuto)|he (?:enviado|mandado|cancelado|cambiado|reservado|visto))\\b',
    '\\b(?:vou|ja (?:te|lhe|enviei|enviamos|mandei|vejo)|acab(?:ei|amos) de|deix[ae]-?me|um (?:momento|segundo|instante|minuto|minutinho)|(?:te|lhe) (?:aviso|avisamos|confirmo|confirmamos|ligo|ligamos)|enviei|mandei|cancelei|alterei|reservei|verifiquei)\\b',
  ].join('|'),
);
