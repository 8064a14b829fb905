// Words of the calls of tools.
import { defineTexts } from '../../lib/texts.ts';

export const toolStepTexts = defineTexts({
  en: {
    did: 'What it did',
    calledWith: 'Called with',
    told: 'It was told',
    begun: 'under way',
    waiting: 'waits for confirmation',
    confirmed: 'confirmed',
    done: 'done',
    refused: 'refused',
    failed: 'failed',
    expired: 'nobody confirmed it in time',
    unknown: 'not known whether it was done',
  },
  es: {
    did: 'Lo que hizo',
    calledWith: 'Llamada con',
    told: 'Se le dijo',
    begun: 'en curso',
    waiting: 'espera confirmación',
    confirmed: 'confirmado',
    done: 'hecho',
    refused: 'rechazado',
    failed: 'falló',
    expired: 'nadie lo confirmó a tiempo',
    unknown: 'no se sabe si se hizo',
  },
  pt: {
    did: 'O que fez',
    calledWith: 'Chamada com',
    told: 'Ouviu',
    begun: 'em curso',
    waiting: 'espera confirmação',
    confirmed: 'confirmado',
    done: 'feito',
    refused: 'recusado',
    failed: 'falhou',
    expired: 'ninguém confirmou a tempo',
    unknown: 'não se sabe se foi feito',
  },
});
