// The words of the mails about an account. Plain text: there is one link, and nothing to look at.
import type { Mail } from '../../core/mail.ts';
import type { AccountAsk } from './account-asks.ts';

interface Letter {
  readonly subject: string;
  /** What stands before the link, or all of it. */
  readonly text: string;
  readonly after?: string;
}

interface Letters {
  readonly hello: (name: string | null) => string;
  readonly reset: Letter;
  readonly confirm: Letter;
  readonly move: Letter;
  readonly moved: (to: string) => Letter;
}

const letters: Readonly<Record<AccountAsk['language'], Letters>> = {
  en: {
    hello: (name) => (name === null ? 'Hello,' : `Hello ${name},`),
    reset: {
      subject: 'Choose a new password for Parley',
      text: 'somebody, you we hope, asked for a new password for your account. Choose one here:',
      after:
        'The link can be used once, within an hour. If it was not you, do nothing: your password stays as it is.',
    },
    confirm: {
      subject: 'Confirm your e-mail address for Parley',
      text: 'confirm here that this address is yours:',
      after: 'The link can be used once, within an hour. If you have no account at Parley, do nothing.',
    },
    move: {
      subject: 'Confirm your new e-mail address for Parley',
      text: 'you want to sign in to Parley with this address from now on. Confirm it here, in a browser in which you are signed in:',
      after: 'The link can be used once, within an hour. If it was not you, do nothing: nothing changes.',
    },
    moved: (to) => ({
      subject: 'Another e-mail address for your Parley account',
      text: `somebody who knows your password asked to sign in with ${to} instead of this address. It happens once that address is confirmed.\n\nIf it was not you, sign in now, change your password, and end every other session.`,
    }),
  },
  es: {
    hello: (name) => (name === null ? 'Hola:' : `Hola, ${name}:`),
    reset: {
      subject: 'Elija una contraseña nueva para Parley',
      text: 'alguien, esperamos que usted, pidió una contraseña nueva para su cuenta. Elíjala aquí:',
      after:
        'El enlace sirve una vez, durante una hora. Si no fue usted, no haga nada: su contraseña sigue siendo la misma.',
    },
    confirm: {
      subject: 'Confirme su correo para Parley',
      text: 'confirme aquí que esta dirección es suya:',
      after: 'El enlace sirve una vez, durante una hora. Si no tiene cuenta en Parley, no haga nada.',
    },
    move: {
      subject: 'Confirme su nuevo correo para Parley',
      text: 'quiere iniciar sesión en Parley con esta dirección a partir de ahora. Confírmela aquí, en un navegador en el que tenga la sesión abierta:',
      after: 'El enlace sirve una vez, durante una hora. Si no fue usted, no haga nada: nada cambia.',
    },
    moved: (to) => ({
      subject: 'Otro correo para su cuenta de Parley',
      text: `alguien que conoce su contraseña pidió iniciar sesión con ${to} en lugar de esta dirección. Ocurrirá cuando se confirme esa dirección.\n\nSi no fue usted, inicie sesión ahora, cambie la contraseña y cierre las demás sesiones.`,
    }),
  },
  pt: {
    hello: (name) => (name === null ? 'Olá:' : `Olá, ${name}:`),
    reset: {
      subject: 'Escolha uma nova senha para o Parley',
      text: 'alguém, esperamos que você, pediu uma nova senha para a sua conta. Escolha aqui:',
      after:
        'O link vale uma vez, durante uma hora. Se não foi você, não faça nada: sua senha continua a mesma.',
    },
    confirm: {
      subject: 'Confirme seu e-mail para o Parley',
      text: 'confirme aqui que este endereço é seu:',
      after: 'O link vale uma vez, durante uma hora. Se você não tem conta no Parley, não faça nada.',
    },
    move: {
      subject: 'Confirme seu novo e-mail para o Parley',
      text: 'você quer entrar no Parley com este endereço a partir de agora. Confirme aqui, em um navegador em que você tenha entrado:',
      after: 'O link vale uma vez, durante uma hora. Se não foi você, não faça nada: nada muda.',
    },
    moved: (to) => ({
      subject: 'Outro e-mail para a sua conta do Parley',
      text: `alguém que sabe a sua senha pediu para entrar com ${to} em vez deste endereço. Isso acontece quando aquele endereço for confirmado.\n\nSe não foi você, entre agora, troque a senha e encerre as outras sessões.`,
    }),
  },
};

export interface Reader {
  /** Null where the address is not known to be theirs. */
  readonly name: string | null;
  readonly language: AccountAsk['language'];
}

export const greeting = ({ name, language }: Reader): string => letters[language].hello(name);

/** @param link absolute */
export function letterWithLink(
  kind: Exclude<AccountAsk['kind'], 'sign-up'>,
  to: string,
  { name, language }: Reader,
  link: string,
): Mail {
  const { subject, text, after } = letters[language][kind];
  const { hello } = letters[language];
  return { to, subject, text: [hello(name), text, link, after].join('\n\n') };
}

/** To the address that one had: what is about to happen, and what to do about it. */
export function letterOfMove(from: string, { name, language }: Reader, to: string): Mail {
  const { hello, moved } = letters[language];
  const { subject, text } = moved(to);
  return { to: from, subject, text: [hello(name), text].join('\n\n') };
}
