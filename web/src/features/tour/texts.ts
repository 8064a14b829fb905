// The words of the tour.
import { defineTexts } from '../../lib/texts.ts';

export const tourTexts = defineTexts({
  en: {
    tour: 'Tour',
    of: (step: number, count: number) => `${step} of ${count}`,
    next: 'Next',
    back: 'Back',
    finish: 'Finish',
    skip: 'Skip the tour',
    phoneTitle: 'Be the customer',
    phoneText:
      'Tap a text on this phone. It goes the whole way: through the carrier, to Parley, and back with an answer.',
    listTitle: 'Every conversation, live',
    listText:
      'What is new comes up by itself. A mark on each row says who holds it: the assistant, a member, or nobody.',
    holderTitle: 'Who holds it',
    holderText: 'The assistant answers until you take over. Hand the conversation back when you are done.',
    composeTitle: 'Step in any time',
    composeText: 'Just write: your reply takes over from the assistant. A note stays among colleagues.',
    assistantTitle: 'Set up the assistant',
    assistantText: 'What it may say, what it knows, and when it leaves the answer to you.',
  },
  es: {
    tour: 'Recorrido',
    of: (step, count) => `${step} de ${count}`,
    next: 'Siguiente',
    back: 'Atrás',
    finish: 'Terminar',
    skip: 'Saltar el recorrido',
    phoneTitle: 'Póngase en el lugar del cliente',
    phoneText:
      'Toque un mensaje en este teléfono. Hace todo el camino: por el operador, a Parley y de vuelta con una respuesta.',
    listTitle: 'Todas las conversaciones, en vivo',
    listText:
      'Lo nuevo aparece solo. Una marca en cada fila dice quién la lleva: el asistente, un miembro o nadie.',
    holderTitle: 'Quién la lleva',
    holderText: 'El asistente responde hasta que usted tome la conversación. Devuélvasela cuando termine.',
    composeTitle: 'Intervenga cuando quiera',
    composeText: 'Solo escriba: al responder, usted toma la conversación. Una nota queda entre colegas.',
    assistantTitle: 'Configure el asistente',
    assistantText: 'Qué puede decir, qué sabe y cuándo le deja la respuesta a usted.',
  },
  pt: {
    tour: 'Passeio',
    of: (step, count) => `${step} de ${count}`,
    next: 'Avançar',
    back: 'Voltar',
    finish: 'Concluir',
    skip: 'Pular o passeio',
    phoneTitle: 'Seja o cliente',
    phoneText:
      'Toque em uma mensagem neste telefone. Ela faz o caminho todo: pela operadora, até o Parley, e volta com uma resposta.',
    listTitle: 'Todas as conversas, ao vivo',
    listText:
      'O que é novo aparece sozinho. Uma marca em cada linha diz quem está com ela: o assistente, um membro ou ninguém.',
    holderTitle: 'Quem está com ela',
    holderText: 'O assistente responde até você assumir. Devolva a conversa quando terminar.',
    composeTitle: 'Entre quando quiser',
    composeText: 'É só escrever: sua resposta assume no lugar do assistente. Uma nota fica entre colegas.',
    assistantTitle: 'Configure o assistente',
    assistantText: 'O que ele pode dizer, o que sabe e quando deixa a resposta para você.',
  },
});
