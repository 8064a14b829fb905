// The words about codes by text as a second factor.
import { defineTexts } from '../../lib/texts.ts';

export const smsFactorTexts = defineTexts({
  en: {
    stepText: 'Your account takes a code by text besides the password.',
    useSms: 'Use a code by text',
    send: 'Send me a code',
    sentTo: (endsIn: string) => `A code is on its way to •••• ${endsIn}. It works for 10 minutes.`,
    again: 'Send a new code',
    againIn: (seconds: number) => `Send a new code in ${seconds} s`,
    choose: 'Ask for a code to it when I sign in',
    chooseHint:
      'Better than the password alone. An authenticator app or a passkey is safer: texts can be intercepted, and a number can be taken over.',
    chosen: 'From now on, signing in takes a code to this number, or another second factor of yours.',
    notChosen: 'Codes to this number are no second factor any more.',
    counts: 'Codes by text count',
    countsHint: 'An authenticator app or a passkey is safer.',
  },
  es: {
    stepText: 'Su cuenta pide un código por SMS además de la contraseña.',
    useSms: 'Usar un código por SMS',
    send: 'Enviarme un código',
    sentTo: (endsIn: string) => `Un código va de camino a •••• ${endsIn}. Vale durante 10 minutos.`,
    again: 'Enviar otro código',
    againIn: (seconds: number) => `Enviar otro código en ${seconds} s`,
    choose: 'Pedir un código a este número al iniciar sesión',
    chooseHint:
      'Mejor que la contraseña sola. Una aplicación de autenticación o una llave de acceso es más segura: los SMS se pueden interceptar y un número se puede robar.',
    chosen: 'Desde ahora, iniciar sesión pide un código a este número u otro de sus segundos factores.',
    notChosen: 'Los códigos a este número ya no son un segundo factor.',
    counts: 'Los códigos por SMS cuentan',
    countsHint: 'Una aplicación de autenticación o una llave de acceso es más segura.',
  },
  pt: {
    stepText: 'Sua conta pede um código por SMS além da senha.',
    useSms: 'Usar um código por SMS',
    send: 'Enviar-me um código',
    sentTo: (endsIn: string) => `Um código está a caminho de •••• ${endsIn}. Ele vale por 10 minutos.`,
    again: 'Enviar outro código',
    againIn: (seconds: number) => `Enviar outro código em ${seconds} s`,
    choose: 'Pedir um código neste número ao entrar',
    chooseHint:
      'Melhor do que só a senha. Um aplicativo autenticador ou uma chave de acesso é mais seguro: SMS podem ser interceptados, e um número pode ser tomado.',
    chosen: 'A partir de agora, entrar pede um código neste número, ou outro segundo fator seu.',
    notChosen: 'Os códigos neste número não são mais um segundo fator.',
    counts: 'Códigos por SMS contam',
    countsHint: 'Um aplicativo autenticador ou uma chave de acesso é mais seguro.',
  },
});
