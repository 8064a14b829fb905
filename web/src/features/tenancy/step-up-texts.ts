// The words of confirming that it is oneself.
import { defineTexts } from '../../lib/texts.ts';

export const stepUpTexts = defineTexts({
  en: {
    title: 'Confirm that it is you',
    text: 'What you are about to do opens more to somebody, or cannot be undone. You are not asked again for ten minutes.',
    password: 'Password',
    confirm: 'Confirm',
    wrongPassword: 'This is not your password.',
    wrongCode: 'This code is wrong, or was used before.',
    wrongPasskey: 'The passkey could not be checked.',
    passkeyText: 'Your device asks for your finger, your face or its PIN.',
    signInAgain: 'It is too long since you signed in. Sign in again, and do it then.',
    signIn: 'Sign in again',
    lockedOut: (minutes: number) =>
      minutes === 1
        ? 'Too many tries. Wait a minute, then try again.'
        : `Too many tries. Wait ${minutes} minutes.`,
  },
  es: {
    title: 'Confirme que es usted',
    text: 'Lo que va a hacer da acceso a alguien o no se puede deshacer. No se le volverá a preguntar durante diez minutos.',
    password: 'Contraseña',
    confirm: 'Confirmar',
    wrongPassword: 'Esa no es su contraseña.',
    wrongCode: 'Este código es incorrecto o ya se usó.',
    wrongPasskey: 'No se pudo comprobar la llave de acceso.',
    passkeyText: 'Su dispositivo le pide el dedo, la cara o su PIN.',
    signInAgain: 'Hace demasiado que inició sesión. Iníciela de nuevo y hágalo entonces.',
    signIn: 'Iniciar sesión de nuevo',
    lockedOut: (minutes: number) =>
      minutes === 1
        ? 'Demasiados intentos. Espere un minuto y reintente.'
        : `Demasiados intentos. Espere ${minutes} minutos.`,
  },
  pt: {
    title: 'Confirme que é você',
    text: 'O que você vai fazer dá acesso a alguém ou não pode ser desfeito. Não se pergunta de novo por dez minutos.',
    password: 'Senha',
    confirm: 'Confirmar',
    wrongPassword: 'Esta não é a sua senha.',
    wrongCode: 'Este código está errado ou já foi usado.',
    wrongPasskey: 'Não foi possível verificar a chave de acesso.',
    passkeyText: 'Seu dispositivo pede o dedo, o rosto ou o PIN.',
    signInAgain: 'Faz muito tempo que você entrou. Entre de novo e faça então.',
    signIn: 'Entrar de novo',
    lockedOut: (minutes: number) =>
      minutes === 1
        ? 'Tentativas demais. Espere um minuto e tente de novo.'
        : `Tentativas demais. Espere ${minutes} minutos.`,
  },
});
