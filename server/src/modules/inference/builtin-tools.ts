// How the built-in model works with tools: by rules. What a message asks for in so many words, in three languages, becomes
// a call; what came of it becomes a sentence. Pure.
import { asksForPerson, foldWords, PHRASES, type SpokenLanguage } from './builtin-phrases.ts';
import { HAND_OVER } from './prompt.ts';

export interface RuleCall {
  readonly name: string;
  readonly input: Readonly<Record<string, string>>;
}

/** Moments are asked for as so much time from now: no rule knows where somebody's clock stands. */
const unitMs: readonly (readonly [RegExp, number])[] = [
  [/^min/i, 60_000],
  [/^h/i, 3_600_000],
  [/^d/i, 86_400_000],
];
const span = String.raw`(\d{1,4}) (minutes?|minutos?|hours?|horas?|days?|d[ií]as?)`;

interface Rule {
  readonly tool: string;
  readonly pattern: RegExp;
  readonly input: (groups: readonly string[], now: Date) => Readonly<Record<string, string>> | null;
}

function later(amount: string | undefined, unit = '', now: Date): string {
  const ms = unitMs.find(([pattern]) => pattern.test(unit))?.[1] ?? 0;
  return new Date(now.getTime() + Number(amount) * ms).toISOString();
}

const rule = (tool: string, pattern: RegExp, input: Rule['input']): Rule => ({ tool, pattern, input });
const conversation = ([name = '']: readonly string[]) => ({ conversation: name.trim() });

const RULES: readonly Rule[] = [
  rule(
    'schedule_reminder',
    new RegExp(
      `^(?:please |por favor )?(?:remind me in|recu[eé]rdame en|me lembr[ae] em|lembre-me em) ${span}(?: to| that| about| que| de)?:? (.+)$`,
      'is',
    ),
    ([amount, unit, body = ''], now) => ({ at: later(amount, unit, now), body }),
  ),
  rule(
    'create_note',
    /^not[ea] (?:for|on|about|para|sobre) ([^:]{1,100}): (.+)$/is,
    ([name = '', body = '']) => ({
      conversation: name,
      body,
    }),
  ),
  rule(
    'schedule_message',
    new RegExp(
      `^(?:send|write|text|env[ií]al?e?|escr[ií]bele|manda|envie|escreva) (?:to |a |para )?([^:]{1,100}?) (?:in|en|em) ${span}: (.+)$`,
      'is',
    ),
    ([name = '', amount, unit, body = ''], now) => ({
      conversation: name,
      at: later(amount, unit, now),
      body,
    }),
  ),
  rule(
    'send_message',
    /^(?:send|write|text|env[ií]al?e?|escr[ií]bele|manda|envie|escreva) (?:to |a |para )?([^:]{1,100}?): (.+)$/is,
    ([name = '', body = '']) => ({ conversation: name, body }),
  ),
  rule(
    'read_conversation_status',
    /^(?:what is the |what's the |cu[aá]l es el |qual [eé] o )?(?:status|estado|state) (?:of|for|de|da|do) ([^:]{1,100}?)\s*\?*$/is,
    conversation,
  ),
  rule(
    'look_up_contact',
    /^(?:who is|look up|find|qui[eé]n es|busca a|quem [eé]|procure) ([^:]{1,100}?)\s*\?*$/is,
    ([contact = '']) => ({ contact }),
  ),
  rule('set_conversation_status', /^(?:archive|archiva|arquive) ([^:]{1,100}?)\s*\.?$/is, ([name = '']) => ({
    conversation: name,
    status: 'archived',
  })),
];

const ASKS_FOR_STATUS = [
  /\b(status|state) of (my|this|our) (conversation|request|case|message)\b/,
  /\b(has|did) (anyone|anybody|someone|somebody) (seen|see|read) my (message|text)\b/,
  /\bestado de mi (conversacion|caso|solicitud|mensaje)\b/,
  /\balguien (ha )?(visto|leido|vio|leyo) mi mensaje\b/,
  /\b(status|estado|situacao) (da minha|do meu) (conversa|caso|solicitacao|mensagem)\b/,
  /\balguem (viu|leu) (a )?minha mensagem\b/,
];

/** What the newest messages call for, of what is offered; null: nothing, they are answered in words. */
export function callFor(
  burst: readonly string[],
  offered: ReadonlySet<string>,
  now: Date | null,
): RuleCall | null {
  if (offered.has('hand_over') && burst.some(asksForPerson)) return { name: 'hand_over', input: {} };
  const message = burst.at(-1)?.trim() ?? '';
  const folded = foldWords(message);
  if (offered.has('conversation_status') && ASKS_FOR_STATUS.some((pattern) => pattern.test(folded)))
    return { name: 'conversation_status', input: {} };
  for (const { tool, pattern, input } of RULES) {
    const groups = offered.has(tool) && now ? pattern.exec(message)?.slice(1) : null;
    const read = groups && now ? input(groups, now) : null;
    if (read) return { name: tool, input: read };
  }
  return null;
}

type Fields = Readonly<Record<string, string>>;

function fieldsOf(result: string): Fields {
  const lines = result.split('\n').map((line) => /^(\w+): (.*)$/.exec(line));
  return Object.fromEntries(lines.flatMap((match) => (match ? [[match[1], match[2]]] : [])));
}

/** Of tools that contacts have: an honest word, whatever came of it. */
const TO_CONTACTS = new Set(['hand_over', 'conversation_status', 'schedule_reminder']);
const TO_MEMBERS = new Set([...RULES.map(({ tool }) => tool)].filter((tool) => !TO_CONTACTS.has(tool)));

const STATES: Readonly<Record<SpokenLanguage, Readonly<Record<string, string>>>> = {
  en: {
    flagged: 'Your messages have arrived. A person of our team was called and will reply here.',
    member: 'Your messages have arrived. A person of our team answers this conversation.',
    open: 'Your messages have arrived, and this conversation is open.',
    waiting: 'I put down your reminder. A person of our team has to confirm it first.',
  },
  es: {
    flagged: 'Tus mensajes han llegado. Avisamos a una persona de nuestro equipo, que te responderá aquí.',
    member: 'Tus mensajes han llegado. Una persona de nuestro equipo responde en esta conversación.',
    open: 'Tus mensajes han llegado, y esta conversación está abierta.',
    waiting: 'Anoté tu recordatorio. Una persona de nuestro equipo tiene que confirmarlo antes.',
  },
  pt: {
    flagged: 'Suas mensagens chegaram. Avisamos uma pessoa da nossa equipe, que responderá por aqui.',
    member: 'Suas mensagens chegaram. Uma pessoa da nossa equipe responde nesta conversa.',
    open: 'Suas mensagens chegaram, e esta conversa está aberta.',
    waiting: 'Anotei seu lembrete. Uma pessoa da nossa equipe precisa confirmar antes.',
  },
};

/** What is said of a call; null where no rule made it. */
export function sayResult(tool: string, result: string, language: SpokenLanguage): string | null {
  const handOver = `${HAND_OVER}\n${PHRASES[language].handOver}`;
  const fields = fieldsOf(result);
  const states = STATES[language];
  if (tool === 'hand_over') return handOver;
  if (tool === 'conversation_status' && fields.status) {
    if (fields.status === 'flagged_for_review') return states.flagged ?? null;
    return (fields.answered_by === 'member' ? states.member : states.open) ?? null;
  }
  if (tool === 'schedule_reminder' && fields.state === 'waiting') return states.waiting ?? null;
  if (TO_CONTACTS.has(tool)) return handOver;
  return TO_MEMBERS.has(tool) ? result : null;
}
