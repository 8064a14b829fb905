// What people call the tools that come with Parley, by their own names.
import { defineTexts } from '../../lib/texts.ts';

export const toolNames = defineTexts({
  en: {
    search_knowledge: 'Search the knowledge',
    look_up_contact: 'Look up a contact',
    conversation_status: 'State of their own conversation',
    read_conversation_status: 'State of a conversation',
    set_conversation_status: 'Open, archive or flag a conversation',
    hand_over: 'Call a person',
    hand_over_conversation: 'Decide who answers a conversation',
    create_note: 'Write a note',
    send_message: 'Send a message',
    schedule_message: 'Schedule a message',
    schedule_reminder: 'Remind whoever writes',
  },
  es: {
    search_knowledge: 'Buscar en el conocimiento',
    look_up_contact: 'Buscar un contacto',
    conversation_status: 'Estado de su propia conversación',
    read_conversation_status: 'Estado de una conversación',
    set_conversation_status: 'Abrir, archivar o marcar una conversación',
    hand_over: 'Llamar a una persona',
    hand_over_conversation: 'Decidir quién responde una conversación',
    create_note: 'Escribir una nota',
    send_message: 'Enviar un mensaje',
    schedule_message: 'Programar un mensaje',
    schedule_reminder: 'Recordar algo a quien escribe',
  },
  pt: {
    search_knowledge: 'Procurar no conhecimento',
    look_up_contact: 'Procurar um contato',
    conversation_status: 'Estado da própria conversa',
    read_conversation_status: 'Estado de uma conversa',
    set_conversation_status: 'Abrir, arquivar ou marcar uma conversa',
    hand_over: 'Chamar uma pessoa',
    hand_over_conversation: 'Decidir quem responde uma conversa',
    create_note: 'Escrever uma nota',
    send_message: 'Enviar uma mensagem',
    schedule_message: 'Agendar uma mensagem',
    schedule_reminder: 'Lembrar quem escreve',
  },
});
