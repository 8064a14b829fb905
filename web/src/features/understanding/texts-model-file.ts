// Words of a model of intents that comes from a file.
import { defineTexts } from '../../lib/texts.ts';

export const modelFileTexts = defineTexts({
  en: {
    upload: 'Upload a model',
    uploading: 'Uploading the model',
    damaged: 'The file is damaged. Download it again where it comes from.',
    foreign: 'This is no model of intents from Parley.',
    newer: 'This model was made by a newer Parley. Update this one first.',
    tooLarge: 'The file is larger than a model can be (8 MB).',
    lost: 'The upload did not get through. Try again.',
  },
  es: {
    upload: 'Subir un modelo',
    uploading: 'Subiendo el modelo',
    damaged: 'El archivo está dañado. Descárguelo otra vez de donde viene.',
    foreign: 'No es un modelo de intenciones de Parley.',
    newer: 'Este modelo lo hizo un Parley más nuevo. Actualice este antes.',
    tooLarge: 'El archivo es más grande de lo que puede ser un modelo (8 MB).',
    lost: 'El archivo no llegó. Inténtelo de nuevo.',
  },
  pt: {
    upload: 'Enviar um modelo',
    uploading: 'Enviando o modelo',
    damaged: 'O arquivo está danificado. Baixe-o de novo de onde ele vem.',
    foreign: 'Não é um modelo de intenções do Parley.',
    newer: 'Este modelo foi feito por um Parley mais novo. Atualize este antes.',
    tooLarge: 'O arquivo é maior do que um modelo pode ser (8 MB).',
    lost: 'O arquivo não chegou. Tente de novo.',
  },
});
