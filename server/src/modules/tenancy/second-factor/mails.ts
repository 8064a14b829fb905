// The words of the mails that tell a user of a change to what opens their account: they go out for each, so that nobody changes
// it unseen.
import type { Kernel } from '../../../core/kernel.ts';
import { mailer } from '../../../core/mail.ts';
import type { AccountAsk } from '../account-asks.ts';
import { greeting } from '../account-mails.ts';

type Language = AccountAsk['language'];

export type AccountChange =
  | 'enabled'
  | 'disabled'
  | 'codesMade'
  | 'codeUsed'
  | 'passkeyAdded'
  | 'passkeyRemoved'
  | 'smsEnabled'
  | 'smsDisabled'
  | 'passwordChanged'
  | 'linked'
  | 'reset'
  | 'cleared';

interface Letters extends Readonly<Record<AccountChange, readonly [subject: string, text: string]>> {
  readonly notYou: string;
}

const letters: Readonly<Record<Language, Letters>> = {
  en: {
    notYou:
      'If it was not you, sign in now, change your password, end every other session, and look at the second factors in the settings.',
    enabled: [
      'Your Parley account asks for a code now',
      'an authenticator app was set up for your account. From now on, signing in takes a code of it.',
    ],
    disabled: [
      'Your Parley account asks for no code any more',
      'the authenticator app was taken away from your account.',
    ],
    codesMade: [
      'New backup codes for your Parley account',
      'new backup codes were made for your account. Those before them are void.',
    ],
    codeUsed: [
      'A backup code of your Parley account was used',
      'somebody gave one of your backup codes. It is used up. You see in the settings how many are left.',
    ],
    passkeyAdded: [
      'A new passkey for your Parley account',
      'a passkey was added to your account. Whoever has it can sign in with it.',
    ],
    passkeyRemoved: [
      'A passkey less for your Parley account',
      'a passkey was removed from your account. It opens nothing any more.',
    ],
    smsEnabled: [
      'Codes by text for your Parley account',
      'from now on, a code that is texted to your phone number lets you in besides your password.',
    ],
    smsDisabled: [
      'No more codes by text for your Parley account',
      'codes by text were taken away from your account as second factor.',
    ],
    passwordChanged: [
      'The password of your Parley account was changed',
      'the password of your account was changed. If somebody else did, ask for another one on the page to sign in: that ends what they opened.',
    ],
    linked: [
      'Another way into your Parley account',
      'an account of yours elsewhere (Google, Microsoft, Supabase or your company’s) was linked to your account. Whoever has it can sign in with it. You see it in the settings.',
    ],
    reset: [
      'The second factors of your Parley account were reset',
      'whoever runs your workspace has taken away all second factors of your account: authenticator app, backup codes, passkeys and remembered devices. You are signed out everywhere. Sign in with your password, and set up a second factor again in the settings.',
    ],
    cleared: [
      'What was set up for your Parley account before you confirmed it is gone',
      'you have just confirmed the address of your account. Until then somebody else may have held it, so second factors and linked accounts of before were taken away, and every session ended. Set them up again in the settings.',
    ],
  },
  es: {
    notYou:
      'Si no fue usted, inicie sesión ahora, cambie la contraseña, cierre las demás sesiones y revise los segundos factores en los ajustes.',
    enabled: [
      'Su cuenta de Parley pide ahora un código',
      'se configuró una aplicación de autenticación para su cuenta. Desde ahora, para iniciar sesión hace falta un código de ella.',
    ],
    disabled: [
      'Su cuenta de Parley ya no pide un código',
      'se quitó la aplicación de autenticación de su cuenta.',
    ],
    codesMade: [
      'Códigos de respaldo nuevos para su cuenta de Parley',
      'se hicieron códigos de respaldo nuevos para su cuenta. Los anteriores ya no valen.',
    ],
    codeUsed: [
      'Se usó un código de respaldo de su cuenta de Parley',
      'alguien dio uno de sus códigos de respaldo. Ya no vale. En los ajustes ve cuántos quedan.',
    ],
    passkeyAdded: [
      'Una llave de acceso nueva para su cuenta de Parley',
      'se añadió una llave de acceso a su cuenta. Quien la tiene puede iniciar sesión con ella.',
    ],
    passkeyRemoved: [
      'Una llave de acceso menos en su cuenta de Parley',
      'se quitó una llave de acceso de su cuenta. Ya no abre nada.',
    ],
    smsEnabled: [
      'Códigos por SMS para su cuenta de Parley',
      'desde ahora, un código enviado por SMS a su número sirve de segundo factor además de la contraseña.',
    ],
    smsDisabled: [
      'Ya no hay códigos por SMS para su cuenta de Parley',
      'los códigos por SMS ya no son un segundo factor de su cuenta.',
    ],
    passwordChanged: [
      'Se cambió la contraseña de su cuenta de Parley',
      'se cambió la contraseña de su cuenta. Si lo hizo otra persona, pida otra en la página de inicio de sesión: eso cierra lo que haya abierto.',
    ],
    linked: [
      'Otra forma de entrar en su cuenta de Parley',
      'se vinculó a su cuenta una cuenta suya de otro lugar (Google, Microsoft, Supabase o de su empresa). Quien la tiene puede iniciar sesión con ella. La ve en los ajustes.',
    ],
    reset: [
      'Se restablecieron los segundos factores de su cuenta de Parley',
      'quien administra su espacio quitó todos los segundos factores de su cuenta: aplicación de autenticación, códigos de respaldo, llaves de acceso y dispositivos recordados. Su sesión está cerrada en todas partes. Inicie sesión con su contraseña y vuelva a configurar un segundo factor en los ajustes.',
    ],
    cleared: [
      'Se quitó lo que había en su cuenta de Parley antes de confirmarla',
      'acaba de confirmar la dirección de su cuenta. Hasta ahora podía haberla tenido otra persona; por eso se quitaron los segundos factores y las cuentas vinculadas de antes y se cerraron todas las sesiones. Vuelva a configurarlos en los ajustes.',
    ],
  },
  pt: {
    notYou:
      'Se não foi você, entre agora, troque a senha, encerre as outras sessões e veja os segundos fatores nas configurações.',
    enabled: [
      'Sua conta do Parley agora pede um código',
      'um aplicativo autenticador foi configurado para a sua conta. A partir de agora, para entrar é preciso um código dele.',
    ],
    disabled: [
      'Sua conta do Parley não pede mais um código',
      'o aplicativo autenticador foi removido da sua conta.',
    ],
    codesMade: [
      'Novos códigos de reserva para a sua conta do Parley',
      'novos códigos de reserva foram feitos para a sua conta. Os anteriores não valem mais.',
    ],
    codeUsed: [
      'Um código de reserva da sua conta do Parley foi usado',
      'alguém informou um dos seus códigos de reserva. Ele não vale mais. Nas configurações você vê quantos restam.',
    ],
    passkeyAdded: [
      'Uma nova chave de acesso para a sua conta do Parley',
      'uma chave de acesso foi adicionada à sua conta. Quem a tem pode entrar com ela.',
    ],
    passkeyRemoved: [
      'Uma chave de acesso a menos na sua conta do Parley',
      'uma chave de acesso foi removida da sua conta. Ela não abre mais nada.',
    ],
    smsEnabled: [
      'Códigos por SMS para a sua conta do Parley',
      'a partir de agora, um código enviado por SMS ao seu número serve de segundo fator além da senha.',
    ],
    smsDisabled: [
      'Sem mais códigos por SMS para a sua conta do Parley',
      'os códigos por SMS não são mais um segundo fator da sua conta.',
    ],
    passwordChanged: [
      'A senha da sua conta do Parley foi trocada',
      'a senha da sua conta foi trocada. Se foi outra pessoa, peça outra na página de entrada: isso encerra o que ela abriu.',
    ],
    linked: [
      'Outra forma de entrar na sua conta do Parley',
      'uma conta sua de outro lugar (Google, Microsoft, Supabase ou da sua empresa) foi vinculada à sua conta. Quem a tem pode entrar com ela. Você a vê nas configurações.',
    ],
    reset: [
      'Os segundos fatores da sua conta do Parley foram redefinidos',
      'quem administra o seu espaço removeu todos os segundos fatores da sua conta: aplicativo autenticador, códigos de reserva, chaves de acesso e dispositivos lembrados. Você saiu de todos os dispositivos. Entre com a sua senha e configure de novo um segundo fator nas configurações.',
    ],
    cleared: [
      'O que havia na sua conta do Parley antes da confirmação foi removido',
      'você acaba de confirmar o endereço da sua conta. Até agora outra pessoa podia tê-la; por isso os segundos fatores e as contas vinculadas de antes foram removidos e todas as sessões, encerradas. Configure-os de novo nas configurações.',
    ],
  },
};

interface Told {
  readonly email: string;
  readonly name: string;
  readonly email_verified: boolean;
  readonly language: Language;
}

/** Tells a user by mail, in their language. Call it after the commit. */
export async function mailChange(kernel: Kernel, userId: string, change: AccountChange): Promise<void> {
  const [user] = await kernel.database.asSystem((queries) =>
    queries.sql<Told>(
      `select u.email, u.name, u.email_verified, coalesce(p.language, 'en') as language
       from users u left join user_preferences p on p.user_id = u.id where u.id = $1`,
      [userId],
    ),
  );
  if (!user) return;
  const { notYou, [change]: letter } = letters[user.language];
  const [subject, text] = letter;
  // Whoever made an account that nobody has confirmed, or had not until now, gave it a name that may say anything.
  const name = user.email_verified && change !== 'cleared' ? user.name : null;
  const hello = greeting({ name, language: user.language });
  // Whose password somebody else has changed cannot sign in to change it.
  const after = change === 'passwordChanged' ? [] : [notYou];
  await kernel.use(mailer).post({ to: user.email, subject, text: [hello, text, ...after].join('\n\n') });
}
