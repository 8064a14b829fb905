// The words of the search by meaning.
import { defineTexts } from '../../lib/texts.ts';

export const vectorTexts = defineTexts({
  en: {
    title: 'Search by meaning',
    intro:
      'Knowledge is always searched by its words. With a model for it, passages are found too that say the same in other words, or in another language.',
    model: 'Model that makes the vectors',
    modelHint:
      'It reads every passage once, and every question. What is private goes only to a model on your own machines; otherwise it is searched by words.',
    noneAble: 'Add a model that can make embeddings first.',
    off: 'None: words alone',
    localModel: (name: string) => `${name} (on your machines)`,
    making: 'Vectors are being made',
    done: (done: string, all: string) => `${done} of ${all} passages are found by meaning`,
    withheld: (count: string) =>
      `${count} of them are private, or refused by the model: only their words are searched.`,
    stopped: (because: string) => `It does not go on: ${because}. Words are searched meanwhile.`,
    tooMany:
      'They do not fit into the memory of this installation, so words alone are searched: KNOWLEDGE_VECTORS_MB_IN_MEMORY.',
    cost: (cost: string, days: string) => `Cost in the last ${days} days: ${cost}`,
    unpriced: (calls: string) => `(without ${calls} calls that have no price)`,
  },
  es: {
    title: 'Búsqueda por significado',
    intro:
      'El conocimiento se busca siempre por sus palabras. Con un modelo para ello, se encuentran también pasajes que dicen lo mismo con otras palabras o en otro idioma.',
    model: 'Modelo que hace los vectores',
    modelHint:
      'Lee cada pasaje una vez, y cada pregunta. Lo privado solo va a un modelo en sus propias máquinas; si no, se busca por palabras.',
    noneAble: 'Añada primero un modelo que pueda hacer embeddings.',
    off: 'Ninguno: solo palabras',
    localModel: (name: string) => `${name} (en sus máquinas)`,
    making: 'Se están haciendo los vectores',
    done: (done: string, all: string) => `${done} de ${all} pasajes se encuentran por su significado`,
    withheld: (count: string) =>
      `${count} de ellos son privados, o el modelo los rechaza: solo se buscan sus palabras.`,
    stopped: (because: string) => `No continúa: ${because}. Mientras tanto se busca por palabras.`,
    tooMany:
      'No caben en la memoria de esta instalación, así que se busca solo por palabras: KNOWLEDGE_VECTORS_MB_IN_MEMORY.',
    cost: (cost: string, days: string) => `Coste en los últimos ${days} días: ${cost}`,
    unpriced: (calls: string) => `(sin ${calls} llamadas que no tienen precio)`,
  },
  pt: {
    title: 'Busca por significado',
    intro:
      'O conhecimento é sempre buscado por suas palavras. Com um modelo para isso, também são encontrados trechos que dizem o mesmo com outras palavras ou em outro idioma.',
    model: 'Modelo que faz os vetores',
    modelHint:
      'Ele lê cada trecho uma vez, e cada pergunta. O que é privado só vai a um modelo em suas próprias máquinas; senão, busca-se por palavras.',
    noneAble: 'Adicione primeiro um modelo que possa fazer embeddings.',
    off: 'Nenhum: só palavras',
    localModel: (name: string) => `${name} (em suas máquinas)`,
    making: 'Os vetores estão sendo feitos',
    done: (done: string, all: string) => `${done} de ${all} trechos são encontrados por seu significado`,
    withheld: (count: string) =>
      `${count} deles são privados, ou o modelo os recusa: só suas palavras são buscadas.`,
    stopped: (because: string) => `Não continua: ${because}. Enquanto isso, busca-se por palavras.`,
    tooMany:
      'Não cabem na memória desta instalação, então busca-se só por palavras: KNOWLEDGE_VECTORS_MB_IN_MEMORY.',
    cost: (cost: string, days: string) => `Custo nos últimos ${days} dias: ${cost}`,
    unpriced: (calls: string) => `(sem ${calls} chamadas que não têm preço)`,
  },
});
