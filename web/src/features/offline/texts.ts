// Words about a network that is away, and what waits for it.
import { defineTexts } from '../../lib/texts.ts';

export const offlineTexts = defineTexts({
  en: {
    offline: 'Offline. You see what was here last.',
    offlineWaiting: (what: string, count: number) =>
      count === 1
        ? `Offline. ${what} waits and goes out when you are back.`
        : `Offline. ${what} wait and go out when you are back.`,
    unreachable: 'Parley cannot be reached. Trying again.',
    unreachableWaiting: (what: string, count: number) =>
      count === 1
        ? `Parley cannot be reached. ${what} waits and goes out when it is back.`
        : `Parley cannot be reached. ${what} wait and go out when it is back.`,
    sending: (what: string) => `Sending ${what} now.`,
    messages: (count: number) => (count === 1 ? '1 message' : `${count} messages`),
    notes: (count: number) => (count === 1 ? '1 note' : `${count} notes`),
    changes: (count: number) => (count === 1 ? '1 change' : `${count} changes`),
    refused: (what: string, count: number) =>
      count === 1 ? `${what} was not accepted.` : `${what} were not accepted.`,
    look: 'Look at it',
    waitingTitle: 'Not sent',
    waitingText: 'Parley did not accept this. Nothing of it was sent.',
    message: 'Message',
    note: 'Note',
    change: 'Change',
    openConversation: 'Open the conversation',
    sendAgain: 'Send again',
    drop: 'Discard',
    tooOld:
      'It waited for more than two days, and may have been sent already. Look at the conversation before you send it again.',
    notKept: 'There was no network, and this device has no room to keep it.',
    newVersion: 'A new version of Parley is here.',
    reload: 'Reload to use the new version',
    signOutTitle: 'Sign out and discard what waits?',
    signOutText: (what: string) => `Not sent yet: ${what}. Signing out removes it from this device.`,
    signOut: 'Sign out',
  },
  es: {
    offline: 'Sin conexión. Ve lo último que había aquí.',
    offlineWaiting: (what, count) =>
      count === 1
        ? `Sin conexión. ${what} en espera: sale cuando vuelva la red.`
        : `Sin conexión. ${what} en espera: salen cuando vuelva la red.`,
    unreachable: 'No se puede conectar con Parley. Reintentando.',
    unreachableWaiting: (what, count) =>
      count === 1
        ? `No se puede conectar con Parley. ${what} en espera: sale cuando responda.`
        : `No se puede conectar con Parley. ${what} en espera: salen cuando responda.`,
    sending: (what) => `Enviando ${what}.`,
    messages: (count) => (count === 1 ? '1 mensaje' : `${count} mensajes`),
    notes: (count) => (count === 1 ? '1 nota' : `${count} notas`),
    changes: (count) => (count === 1 ? '1 cambio' : `${count} cambios`),
    refused: (what, count) => (count === 1 ? `No se aceptó: ${what}.` : `No se aceptaron: ${what}.`),
    look: 'Revisar',
    waitingTitle: 'Sin enviar',
    waitingText: 'Parley no aceptó esto. No se envió nada.',
    message: 'Mensaje',
    note: 'Nota',
    change: 'Cambio',
    openConversation: 'Abrir la conversación',
    sendAgain: 'Enviar de nuevo',
    drop: 'Descartar',
    tooOld: 'Esperó más de dos días y quizá ya se envió. Revise la conversación antes de enviarlo de nuevo.',
    notKept: 'No había red, y este dispositivo no tiene espacio para guardarlo.',
    newVersion: 'Hay una nueva versión de Parley.',
    reload: 'Recargar para usarla',
    signOutTitle: '¿Cerrar sesión y descartar lo pendiente?',
    signOutText: (what) => `Sin enviar: ${what}. Al cerrar sesión se borra de este dispositivo.`,
    signOut: 'Cerrar sesión',
  },
  pt: {
    offline: 'Sem conexão. Você vê o que havia aqui por último.',
    offlineWaiting: (what, count) =>
      count === 1
        ? `Sem conexão. ${what} em espera: sai quando a rede voltar.`
        : `Sem conexão. ${what} em espera: saem quando a rede voltar.`,
    unreachable: 'Não é possível conectar ao Parley. Tentando de novo.',
    unreachableWaiting: (what, count) =>
      count === 1
        ? `Não é possível conectar ao Parley. ${what} em espera: sai quando ele responder.`
        : `Não é possível conectar ao Parley. ${what} em espera: saem quando ele responder.`,
    sending: (what) => `Enviando ${what}.`,
    messages: (count) => (count === 1 ? '1 mensagem' : `${count} mensagens`),
    notes: (count) => (count === 1 ? '1 nota' : `${count} notas`),
    changes: (count) => (count === 1 ? '1 alteração' : `${count} alterações`),
    refused: (what, count) => (count === 1 ? `Não foi aceito: ${what}.` : `Não foram aceitos: ${what}.`),
    look: 'Ver',
    waitingTitle: 'Não enviado',
    waitingText: 'O Parley não aceitou isto. Nada foi enviado.',
    message: 'Mensagem',
    note: 'Nota',
    change: 'Alteração',
    openConversation: 'Abrir a conversa',
    sendAgain: 'Enviar de novo',
    drop: 'Descartar',
    tooOld:
      'Esperou mais de dois dias e talvez já tenha sido enviada. Veja a conversa antes de enviar de novo.',
    notKept: 'Não havia rede, e este dispositivo não tem espaço para guardar.',
    newVersion: 'Há uma nova versão do Parley.',
    reload: 'Recarregar para usá-la',
    signOutTitle: 'Sair e descartar o que espera?',
    signOutText: (what) => `Ainda não enviado: ${what}. Ao sair, isso é apagado deste dispositivo.`,
    signOut: 'Sair',
  },
});
