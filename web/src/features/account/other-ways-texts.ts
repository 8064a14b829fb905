// The words of ways to sign in besides a password.
import { defineTexts } from '../../lib/texts.ts';

export const otherWaysTexts = defineTexts({
  en: {
    company: 'Continue with your company',
    google: 'Continue with Google',
    microsoft: 'Continue with Microsoft',
    addressFirst: 'Enter your work e-mail address above first.',
    noCompany: 'No company is known for this address. Sign in with your password.',
    failed: 'That did not work. Try again, or sign in with your password.',
    expired: 'That took too long, or began in another window. Try again.',
    email_unverified: 'Your company did not confirm your e-mail address. Ask whoever manages its accounts.',
    not_invited: 'You are not a member of this workspace. Ask somebody there for an invitation.',
    no_account: 'No account is linked to this one. Sign in with your password, and link it in the settings.',
    owner_links_first:
      'You own this workspace: sign in with your password, and link this account in the settings.',
  },
  es: {
    company: 'Continuar con su empresa',
    google: 'Continuar con Google',
    microsoft: 'Continuar con Microsoft',
    addressFirst: 'Escriba antes arriba su correo de trabajo.',
    noCompany: 'No se conoce ninguna empresa para esta dirección. Inicie sesión con su contraseña.',
    failed: 'No funcionó. Inténtelo de nuevo o inicie sesión con su contraseña.',
    expired: 'Tardó demasiado o empezó en otra ventana. Inténtelo de nuevo.',
    email_unverified: 'Su empresa no confirmó su correo. Pregunte a quien gestiona sus cuentas.',
    not_invited: 'No es miembro de este espacio. Pida una invitación a alguien de allí.',
    no_account:
      'No hay ninguna cuenta vinculada a esta. Inicie sesión con su contraseña y vincúlela en los ajustes.',
    owner_links_first:
      'Este espacio es suyo: inicie sesión con su contraseña y vincule esta cuenta en los ajustes.',
  },
  pt: {
    company: 'Continuar com a sua empresa',
    google: 'Continuar com o Google',
    microsoft: 'Continuar com a Microsoft',
    addressFirst: 'Digite antes, acima, o seu e-mail de trabalho.',
    noCompany: 'Nenhuma empresa é conhecida para este endereço. Entre com a sua senha.',
    failed: 'Não funcionou. Tente de novo ou entre com a sua senha.',
    expired: 'Demorou demais ou começou em outra janela. Tente de novo.',
    email_unverified: 'Sua empresa não confirmou o seu e-mail. Fale com quem cuida das contas.',
    not_invited: 'Você não é membro deste espaço. Peça um convite a alguém de lá.',
    no_account: 'Nenhuma conta está vinculada a esta. Entre com a sua senha e vincule-a nas configurações.',
    owner_links_first: 'Este espaço é seu: entre com a sua senha e vincule esta conta nas configurações.',
  },
});
