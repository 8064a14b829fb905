// What the assistant wants to do, by the name of the tool.
import { defineTexts } from '../../lib/texts.ts';

export const askTexts = defineTexts({
  en: {
    send_message: 'The assistant wants to send this message',
    schedule_message: 'The assistant wants to schedule this message',
    schedule_reminder: 'The contact wants to be reminded',
    create_note: 'The assistant wants to write this note',
    set_conversation_status: 'The assistant wants to change the state of this conversation',
    hand_over_conversation: 'The assistant wants to change who answers this conversation',
  },
  es: {
    send_message: 'El asistente quiere enviar este mensaje',
    schedule_message: 'El asistente quiere programar este mensaje',
    schedule_reminder: 'El contacto quiere un recordatorio',
    create_note: 'El asistente quiere escribir esta nota',
    set_conversation_status: 'El asistente quiere cambiar el estado de esta conversación',
    hand_over_conversation: 'El asistente quiere cambiar quién responde esta conversación',
  },
  pt: {
    send_message: 'O assistente quer enviar esta mensagem',
    schedule_message: 'O assistente quer agendar esta mensagem',
    schedule_reminder: 'O contato quer um lembrete',
    create_note: 'O assistente quer escrever esta nota',
    set_conversation_status: 'O assistente quer mudar o estado desta conversa',
    hand_over_conversation: 'O assistente quer mudar quem responde esta conversa',
  },
});
