// The words of codes by text and of the mails about phone numbers.
import type { Mail } from '../../../core/mail.ts';
import { greeting, type Reader } from '../account-mails.ts';

type Language = Reader['language'];
export type CodePurpose = 'verification' | 'sign_in';

/** Longer names would make two texts of one. */
const nameLengthMax = 30;

const codeTexts: Readonly<Record<Language, (code: string, name: string) => string>> = {
  en: (code, name) => `${code} is your Parley code for ${name}. It works for 10 minutes. Tell it to nobody.`,
  es: (code, name) =>
    `${code} es su codigo de Parley para ${name}. Vale durante 10 minutos. No se lo diga a nadie.`,
  pt: (code, name) =>
    `${code} e seu codigo do Parley para ${name}. Vale por 10 minutos. Nao conte a ninguem.`,
};

const signInTexts: Readonly<Record<Language, (code: string) => string>> = {
  en: (code) => `${code} signs you in to Parley. It works for 10 minutes. Tell it to nobody.`,
  es: (code) => `${code} abre su sesion en Parley. Vale durante 10 minutos. No se lo diga a nadie.`,
  pt: (code) => `${code} abre sua sessao no Parley. Vale por 10 minutos. Nao conte a ninguem.`,
};

/** Without letters outside ASCII, so that it is one segment. */
export const codeText = (
  purpose: CodePurpose,
  language: Language,
  code: string,
  workspaceName: string,
): string =>
  purpose === 'sign_in'
    ? signInTexts[language](code)
    : codeTexts[language](code, workspaceName.slice(0, nameLengthMax).trim());

export type PhoneNumberNews = 'verified' | 'removed' | 'factor_lost';

interface Letter {
  readonly subject: string;
  readonly text: (workspace: string) => string;
}

const letters: Readonly<Record<Language, Readonly<Record<PhoneNumberNews, Letter>>>> = {
  en: {
    verified: {
      subject: 'A phone number was added to your Parley account',
      text: (workspace) =>
        `a phone number was verified as yours in ${workspace}.\n\nIf it was not you, sign in now, remove it in the settings, change your password, and end every other session.`,
    },
    removed: {
      subject: 'A phone number was removed from your Parley account',
      text: (workspace) =>
        `a phone number of yours was removed in ${workspace}.\n\nIf it was not you, sign in now, change your password, and end every other session.`,
    },
    factor_lost: {
      subject: 'No more codes by text for your Parley account',
      text: (workspace) =>
        `you are no longer a member of ${workspace}, through which codes were texted to you. They let you in no more. Sign in with one of your backup codes, and set up another second factor in the settings.`,
    },
  },
  es: {
    verified: {
      subject: 'Se añadió un número de teléfono a su cuenta de Parley',
      text: (workspace) =>
        `se verificó un número de teléfono como suyo en ${workspace}.\n\nSi no fue usted, inicie sesión ahora, quítelo en los ajustes, cambie la contraseña y cierre las demás sesiones.`,
    },
    removed: {
      subject: 'Se quitó un número de teléfono de su cuenta de Parley',
      text: (workspace) =>
        `se quitó un número de teléfono suyo en ${workspace}.\n\nSi no fue usted, inicie sesión ahora, cambie la contraseña y cierre las demás sesiones.`,
    },
    factor_lost: {
      subject: 'Ya no hay códigos por SMS para su cuenta de Parley',
      text: (workspace) =>
        `ya no es miembro de ${workspace}, desde donde se le enviaban los códigos por SMS. Ya no le abren la cuenta. Inicie sesión con uno de sus códigos de respaldo y configure otro segundo factor en los ajustes.`,
    },
  },
  pt: {
    verified: {
      subject: 'Um número de telefone foi adicionado à sua conta do Parley',
      text: (workspace) =>
        `um número de telefone foi verificado como seu em ${workspace}.\n\nSe não foi você, entre agora, remova-o nas configurações, troque a senha e encerre as outras sessões.`,
    },
    removed: {
      subject: 'Um número de telefone foi removido da sua conta do Parley',
      text: (workspace) =>
        `um número de telefone seu foi removido em ${workspace}.\n\nSe não foi você, entre agora, troque a senha e encerre as outras sessões.`,
    },
    factor_lost: {
      subject: 'Sem mais códigos por SMS para a sua conta do Parley',
      text: (workspace) =>
        `você não é mais membro de ${workspace}, por onde os códigos eram enviados por SMS. Eles não abrem mais a sua conta. Entre com um dos seus códigos de reserva e configure outro segundo fator nas configurações.`,
    },
  },
};

export function letterOfNumber(news: PhoneNumberNews, to: string, reader: Reader, workspace: string): Mail {
  const { subject, text } = letters[reader.language][news];
  return { to, subject, text: [greeting(reader), text(workspace)].join('\n\n') };
}
