// What owners are told when their workspace is going to be erased, is not after all, or is being erased.
import type { Mail } from '../../core/mail.ts';

interface About {
  readonly workspace: string;
  /** In their language, in UTC. */
  readonly when: string;
  readonly link: string;
}

interface Letter {
  readonly subject: (about: About) => string;
  readonly text: (about: About) => string;
}

export type ErasureMail = 'set' | 'canceled' | 'begun';
type Language = 'en' | 'es' | 'pt';

const letters: Readonly<Record<Language, Readonly<Record<ErasureMail, Letter>>>> = {
  en: {
    set: {
      subject: ({ workspace }) => `“${workspace}” is going to be erased`,
      text: ({ workspace, when, link }) =>
        `Hello,\n\nan owner has set the workspace “${workspace}” to be erased, with everything in it, on ${when}. Until then every owner can cancel that here:\n\n${link}\n\nAfterwards nobody can bring it back.\n`,
    },
    canceled: {
      subject: ({ workspace }) => `“${workspace}” stays`,
      text: ({ workspace, when }) =>
        `Hello,\n\nthe workspace “${workspace}” is not erased on ${when}: an owner has canceled that.\n`,
    },
    begun: {
      subject: ({ workspace }) => `“${workspace}” is being erased`,
      text: ({ workspace }) =>
        `Hello,\n\nthe workspace “${workspace}” is being erased. Its keys are destroyed: nobody can read what it held. Your account stays.\n`,
    },
  },
  es: {
    set: {
      subject: ({ workspace }) => `«${workspace}» se va a borrar`,
      text: ({ workspace, when, link }) =>
        `Hola:\n\nUn propietario ha previsto borrar el espacio «${workspace}», con todo lo que contiene, el ${when}. Hasta entonces, cualquier propietario puede cancelarlo aquí:\n\n${link}\n\nDespués, nadie podrá recuperarlo.\n`,
    },
    canceled: {
      subject: ({ workspace }) => `«${workspace}» se queda`,
      text: ({ workspace, when }) =>
        `Hola:\n\nEl espacio «${workspace}» no se borrará el ${when}: un propietario lo ha cancelado.\n`,
    },
    begun: {
      subject: ({ workspace }) => `«${workspace}» se está borrando`,
      text: ({ workspace }) =>
        `Hola:\n\nEl espacio «${workspace}» se está borrando. Sus claves están destruidas: nadie puede leer lo que contenía. Su cuenta permanece.\n`,
    },
  },
  pt: {
    set: {
      subject: ({ workspace }) => `“${workspace}” será apagado`,
      text: ({ workspace, when, link }) =>
        `Olá,\n\num proprietário programou apagar o espaço “${workspace}”, com tudo o que há nele, em ${when}. Até lá, qualquer proprietário pode cancelar aqui:\n\n${link}\n\nDepois disso, ninguém pode recuperá-lo.\n`,
    },
    canceled: {
      subject: ({ workspace }) => `“${workspace}” fica`,
      text: ({ workspace, when }) =>
        `Olá,\n\no espaço “${workspace}” não será apagado em ${when}: um proprietário cancelou.\n`,
    },
    begun: {
      subject: ({ workspace }) => `“${workspace}” está sendo apagado`,
      text: ({ workspace }) =>
        `Olá,\n\no espaço “${workspace}” está sendo apagado. Suas chaves foram destruídas: ninguém pode ler o que havia nele. Sua conta permanece.\n`,
    },
  },
};

export function erasureMail(
  to: { readonly email: string; readonly language: Language },
  mail: ErasureMail,
  about: { readonly workspace: string; readonly beginsAt: Date; readonly publicUrl: string },
): Mail {
  const when = new Intl.DateTimeFormat(to.language, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  }).format(about.beginsAt);
  const said: About = {
    workspace: about.workspace,
    when: `${when} UTC`,
    link: new URL('/settings?tab=privacy', about.publicUrl).href,
  };
  const letter = letters[to.language][mail];
  return { to: to.email, subject: letter.subject(said), text: letter.text(said) };
}
