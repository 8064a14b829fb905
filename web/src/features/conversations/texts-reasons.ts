// Words for the codes of the API: why a conversation is flagged.
import { defineTexts } from '../../lib/texts.ts';

export const reasonTexts = defineTexts({
  en: {
    handed_over: 'the assistant had no answer',
    no_ai_consent: 'the contact is answered by people only',
    too_late: 'it came too long ago for an automatic reply',
    reply_limit: 'the assistant replied often enough this hour',
    assistant_failed: 'the assistant could not answer',
    member: 'a member asks for a look',
  },
  es: {
    handed_over: 'el asistente no tenía respuesta',
    no_ai_consent: 'a este contacto le responden solo personas',
    too_late: 'llegó hace demasiado para responder solo',
    reply_limit: 'el asistente ya respondió bastante en esta hora',
    assistant_failed: 'el asistente no pudo responder',
    member: 'alguien del equipo pide revisarla',
  },
  pt: {
    handed_over: 'o assistente não tinha resposta',
    no_ai_consent: 'este contato é respondido só por pessoas',
    too_late: 'chegou há tempo demais para uma resposta automática',
    reply_limit: 'o assistente já respondeu bastante nesta hora',
    assistant_failed: 'o assistente não conseguiu responder',
    member: 'alguém da equipe pede uma revisão',
  },
});
