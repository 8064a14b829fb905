// Words of the notice that messages have changed.
import { defineTexts } from '../../lib/texts.ts';

export const driftTexts = defineTexts({
  en: {
    title: 'Messages are not what they were',
    wrong: 'Members often disagree with the model',
    noneTwice: (now: string, before: string) =>
      `Twice as many messages mean none of the intents: ${now}, before ${before}.`,
    noneTimes: (times: string, now: string, before: string) =>
      `${times} times as many messages mean none of the intents: ${now}, before ${before}.`,
    noneMore: (now: string, before: string) =>
      `More messages mean none of the intents: ${now}, before ${before}.`,
    noneFewer: (now: string, before: string) =>
      `Fewer messages mean none of the intents: ${now}, before ${before}.`,
    share: (intent: string, now: string, before: string) => `${intent} (${now}, before ${before})`,
    more: (intents: string) => `More often: ${intents}.`,
    fewer: (intents: string) => `Less often: ${intents}.`,
    lessSure: (now: string, before: string) =>
      `The model is less sure of them: ${now} on average, before ${before}.`,
    disagree: (corrected: string, lookedAt: string) =>
      `Of ${lookedAt} messages that members looked at, they corrected the intent of ${corrected}.`,
    whatToDo:
      'Correct a few of the new messages in the inbox, add intents or examples for what is new, and train again: the next version learns from both.',
    compared: (now: string, since: string, before: string, from: string, to: string) =>
      `${now} messages since ${since}, compared with ${before} from ${from} to ${to}.`,
  },
  es: {
    title: 'Los mensajes ya no son los de antes',
    wrong: 'Los miembros contradicen al modelo a menudo',
    noneTwice: (now: string, before: string) =>
      `El doble de mensajes sin ninguna de las intenciones: ${now}, antes ${before}.`,
    noneTimes: (times: string, now: string, before: string) =>
      `${times} veces más mensajes sin ninguna de las intenciones: ${now}, antes ${before}.`,
    noneMore: (now: string, before: string) =>
      `Más mensajes sin ninguna de las intenciones: ${now}, antes ${before}.`,
    noneFewer: (now: string, before: string) =>
      `Menos mensajes sin ninguna de las intenciones: ${now}, antes ${before}.`,
    share: (intent: string, now: string, before: string) => `${intent} (${now}, antes ${before})`,
    more: (intents: string) => `Más a menudo: ${intents}.`,
    fewer: (intents: string) => `Menos a menudo: ${intents}.`,
    lessSure: (now: string, before: string) =>
      `El modelo está menos seguro: ${now} de media, antes ${before}.`,
    disagree: (corrected: string, lookedAt: string) =>
      `De ${lookedAt} mensajes que miraron los miembros, corrigieron la intención de ${corrected}.`,
    whatToDo:
      'Corrija algunos de los mensajes nuevos en la bandeja, añada intenciones o ejemplos de lo nuevo y entrene otra vez: la versión siguiente aprende de ambos.',
    compared: (now: string, since: string, before: string, from: string, to: string) =>
      `${now} mensajes desde el ${since}, comparados con ${before} del ${from} al ${to}.`,
  },
  pt: {
    title: 'As mensagens já não são as de antes',
    wrong: 'Os membros discordam do modelo com frequência',
    noneTwice: (now: string, before: string) =>
      `O dobro de mensagens sem nenhuma das intenções: ${now}, antes ${before}.`,
    noneTimes: (times: string, now: string, before: string) =>
      `${times} vezes mais mensagens sem nenhuma das intenções: ${now}, antes ${before}.`,
    noneMore: (now: string, before: string) =>
      `Mais mensagens sem nenhuma das intenções: ${now}, antes ${before}.`,
    noneFewer: (now: string, before: string) =>
      `Menos mensagens sem nenhuma das intenções: ${now}, antes ${before}.`,
    share: (intent: string, now: string, before: string) => `${intent} (${now}, antes ${before})`,
    more: (intents: string) => `Com mais frequência: ${intents}.`,
    fewer: (intents: string) => `Com menos frequência: ${intents}.`,
    lessSure: (now: string, before: string) =>
      `O modelo está menos seguro: ${now} em média, antes ${before}.`,
    disagree: (corrected: string, lookedAt: string) =>
      `De ${lookedAt} mensagens que os membros olharam, corrigiram a intenção de ${corrected}.`,
    whatToDo:
      'Corrija algumas das mensagens novas na caixa de entrada, adicione intenções ou exemplos do que é novo e treine de novo: a próxima versão aprende com ambos.',
    compared: (now: string, since: string, before: string, from: string, to: string) =>
      `${now} mensagens desde ${since}, comparadas com ${before} de ${from} a ${to}.`,
  },
});
