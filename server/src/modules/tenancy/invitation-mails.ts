// The words of an invitation, of a sign-up, and of a workspace that goes to another owner. Plain text: there is one link.
import type { Mail } from '../../core/mail.ts';
import type { AccountAsk } from './account-asks.ts';

/** For so long a link serves. */
export const invitationDays = 7;

type Language = AccountAsk['language'];

/**
 * Names that somebody chose, in a mail to somebody else: only what names are made of, and short, so that nobody has us
 * mail a text or an address of theirs to strangers.
 */
export const plainName = (name: string): string =>
  name
    .replaceAll(/[^\p{L}\p{N} '’&-]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 60);

const invitations: Readonly<
  Record<Language, (workspace: string) => { subject: string; before: string; after: string }>
> = {
  en: (workspace) => ({
    subject: `An invitation to ${workspace} on Parley`,
    before: `Hello,\n\nyou are invited to work in “${workspace}” on Parley. Accept here:`,
    after: `The link can be used once, within ${invitationDays} days. If you do not know what this is about, do nothing.`,
  }),
  es: (workspace) => ({
    subject: `Una invitación a ${workspace} en Parley`,
    before: `Hola:\n\nle invitan a trabajar en «${workspace}» en Parley. Acepte aquí:`,
    after: `El enlace sirve una vez, durante ${invitationDays} días. Si no sabe de qué se trata, no haga nada.`,
  }),
  pt: (workspace) => ({
    subject: `Um convite para ${workspace} no Parley`,
    before: `Olá:\n\nvocê foi convidado a trabalhar em “${workspace}” no Parley. Aceite aqui:`,
    after: `O link vale uma vez, durante ${invitationDays} dias. Se não sabe do que se trata, não faça nada.`,
  }),
};

/** @param link absolute */
export function letterOfInvitation(to: string, language: Language, workspace: string, link: string): Mail {
  const { subject, before, after } = invitations[language](plainName(workspace) || 'Parley');
  return { to, subject, text: [before, link, after].join('\n\n') };
}

const signUps: Readonly<Record<Language, { subject: string; before: string; after: string; known: string }>> =
  {
    en: {
      subject: 'Your Parley account',
      before:
        'Hello,\n\nsomebody, you we hope, wants to make a Parley account with this address. Go on here:',
      after: 'The link can be used once, within an hour. If it was not you, do nothing: no account is made.',
      known:
        'Hello,\n\nsomebody, you we hope, wants to make a Parley account with this address. It has one already: sign in with it, or choose a new password, here:',
    },
    es: {
      subject: 'Su cuenta de Parley',
      before:
        'Hola:\n\nalguien, esperamos que usted, quiere crear una cuenta de Parley con este correo. Continúe aquí:',
      after:
        'El enlace sirve una vez, durante una hora. Si no fue usted, no haga nada: no se crea ninguna cuenta.',
      known:
        'Hola:\n\nalguien, esperamos que usted, quiere crear una cuenta de Parley con este correo. Ya tiene una: inicie sesión con ella, o elija una contraseña nueva, aquí:',
    },
    pt: {
      subject: 'Sua conta do Parley',
      before:
        'Olá:\n\nalguém, esperamos que você, quer criar uma conta do Parley com este endereço. Continue aqui:',
      after: 'O link vale uma vez, durante uma hora. Se não foi você, não faça nada: nenhuma conta é criada.',
      known:
        'Olá:\n\nalguém, esperamos que você, quer criar uma conta do Parley com este endereço. Já existe uma: entre com ela, ou escolha uma nova senha, aqui:',
    },
  };

/** @param link to go on with; null where there is an account already, and its owner is told */
export function letterOfSignUp(to: string, language: Language, publicUrl: string, link: string | null): Mail {
  const { subject, before, after, known } = signUps[language];
  return { to, subject, text: link ? [before, link, after].join('\n\n') : [known, publicUrl].join('\n\n') };
}

const ownerships: Readonly<
  Record<Language, (workspace: string) => { subject: string; gave: string; got: string }>
> = {
  en: (workspace) => ({
    subject: `${workspace} has another owner`,
    gave: `you handed the workspace “${workspace}” on Parley to another owner, and are an admin of it now. If it was not you, tell them at once, and change your password.`,
    got: `you are the owner of the workspace “${workspace}” on Parley now.`,
  }),
  es: (workspace) => ({
    subject: `${workspace} tiene otro propietario`,
    gave: `cedió el espacio de trabajo «${workspace}» de Parley a otro propietario, y ahora es su administrador. Si no fue usted, avísele en el acto y cambie su contraseña.`,
    got: `ahora es propietario del espacio de trabajo «${workspace}» de Parley.`,
  }),
  pt: (workspace) => ({
    subject: `${workspace} tem outro proprietário`,
    gave: `você passou o espaço de trabalho “${workspace}” do Parley a outro proprietário, e agora é administrador dele. Se não foi você, avise-o na hora e troque sua senha.`,
    got: `você agora é proprietário do espaço de trabalho “${workspace}” do Parley.`,
  }),
};
const hello: Readonly<Record<Language, string>> = { en: 'Hello,', es: 'Hola:', pt: 'Olá:' };

/** @param side who gave it away, or who got it */
export function letterOfOwnership(
  to: string,
  language: Language,
  workspace: string,
  side: 'gave' | 'got',
): Mail {
  const words = ownerships[language](plainName(workspace) || 'Parley');
  return { to, subject: words.subject, text: [hello[language], words[side]].join('\n\n') };
}
