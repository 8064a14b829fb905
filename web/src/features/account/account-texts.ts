// The words around the sign-in: a forgotten password, a link that came by mail.
import { defineTexts } from '../../lib/texts.ts';

export const accountTexts = defineTexts({
  en: {
    makeAccount: 'Make an account',
    email: 'E-mail',
    noAddress: 'This is no e-mail address.',
    forgot: 'Forgot your password?',
    forgotTitle: 'A new password',
    forgotText: 'Say which address you sign in with. A link to choose a new password is mailed to it.',
    mailLink: 'Mail me a link',
    asked: 'If an account has this address, a link is on its way to it. It can be used once, within an hour.',
    askedDemo:
      'This is the demo and no mail server is set: the mail is under Settings → Mails, for who is signed in as an owner.',
    noMail:
      'This Parley sends no mail. Ask whoever runs it for a new password: parley member password EMAIL makes one.',
    backToSignIn: 'Back to the sign-in',
    resetTitle: 'Choose a new password',
    resetText: 'You are signed out everywhere then, and sign in with it.',
    newPassword: 'New password',
    newPasswordHint: 'At least 10 characters. A sentence is easy to keep in mind.',
    savePassword: 'Save the password',
    resetDone: 'Your password is changed.',
    toSignIn: 'Sign in',
    linkBad: 'This link has been used, is older than an hour, or is not whole.',
    anotherLink: 'Ask for another link',
    tooShort: 'The password is too short.',
    tooLong: 'The password is too long.',
    easy: 'This password is among the first that are guessed: it is common, or close to your name.',
    lockedOut: (minutes: number) =>
      minutes === 1
        ? 'Too many tries. Wait a minute, then try again.'
        : `Too many tries. Wait ${minutes} minutes, or choose a new password.`,
    confirmTitle: 'Confirm your e-mail address',
    confirmText: 'You followed a link from a mail. Is the address yours?',
    confirm: 'Confirm',
    confirmed: 'The address is confirmed.',
    signInFirst:
      'A link to another address serves only who asked for it. Sign in in this browser, then open the link again.',
    toParley: 'Go to Parley',
  },
  es: {
    makeAccount: 'Crear una cuenta',
    email: 'Correo electrónico',
    noAddress: 'Esto no es una dirección de correo.',
    forgot: '¿Olvidó su contraseña?',
    forgotTitle: 'Una contraseña nueva',
    forgotText:
      'Diga con qué correo inicia sesión. Allí se envía un enlace para elegir una contraseña nueva.',
    mailLink: 'Enviarme un enlace',
    asked: 'Si una cuenta tiene este correo, el enlace va de camino. Sirve una vez, durante una hora.',
    askedDemo:
      'Esto es la demostración y no hay servidor de correo: el mensaje está en Ajustes → Correos, para quien haya iniciado sesión como propietario.',
    noMail:
      'Este Parley no envía correos. Pida una contraseña nueva a quien lo administra: parley member password CORREO la crea.',
    backToSignIn: 'Volver al inicio de sesión',
    resetTitle: 'Elija una contraseña nueva',
    resetText: 'Se cierran todas sus sesiones, y vuelve a entrar con ella.',
    newPassword: 'Contraseña nueva',
    newPasswordHint: 'Al menos 10 caracteres. Una frase se recuerda bien.',
    savePassword: 'Guardar la contraseña',
    resetDone: 'Su contraseña cambió.',
    toSignIn: 'Iniciar sesión',
    linkBad: 'Este enlace ya se usó, tiene más de una hora o no está completo.',
    anotherLink: 'Pedir otro enlace',
    tooShort: 'La contraseña es demasiado corta.',
    tooLong: 'La contraseña es demasiado larga.',
    easy: 'Esta contraseña es de las primeras que se adivinan: es común o se parece a su nombre.',
    lockedOut: (minutes: number) =>
      minutes === 1
        ? 'Demasiados intentos. Espere un minuto y vuelva a intentarlo.'
        : `Demasiados intentos. Espere ${minutes} minutos, o elija una contraseña nueva.`,
    confirmTitle: 'Confirme su correo',
    confirmText: 'Siguió un enlace de un correo. ¿Es suya la dirección?',
    confirm: 'Confirmar',
    confirmed: 'La dirección está confirmada.',
    signInFirst:
      'Un enlace a otra dirección solo sirve a quien lo pidió. Inicie sesión en este navegador y abra el enlace de nuevo.',
    toParley: 'Ir a Parley',
  },
  pt: {
    makeAccount: 'Criar uma conta',
    email: 'E-mail',
    noAddress: 'Isto não é um endereço de e-mail.',
    forgot: 'Esqueceu a senha?',
    forgotTitle: 'Uma nova senha',
    forgotText: 'Diga com que e-mail você entra. Um link para escolher uma nova senha é enviado a ele.',
    mailLink: 'Enviar-me um link',
    asked: 'Se uma conta tem este e-mail, o link está a caminho. Ele vale uma vez, durante uma hora.',
    askedDemo:
      'Esta é a demonstração e não há servidor de e-mail: a mensagem está em Configurações → E-mails, para quem entrou como proprietário.',
    noMail:
      'Este Parley não envia e-mails. Peça uma nova senha a quem o administra: parley member password E-MAIL cria uma.',
    backToSignIn: 'Voltar para a entrada',
    resetTitle: 'Escolha uma nova senha',
    resetText: 'Você sai de todos os dispositivos e entra com ela.',
    newPassword: 'Nova senha',
    newPasswordHint: 'Pelo menos 10 caracteres. Uma frase é fácil de lembrar.',
    savePassword: 'Salvar a senha',
    resetDone: 'Sua senha foi trocada.',
    toSignIn: 'Entrar',
    linkBad: 'Este link já foi usado, tem mais de uma hora ou não está completo.',
    anotherLink: 'Pedir outro link',
    tooShort: 'A senha é curta demais.',
    tooLong: 'A senha é longa demais.',
    easy: 'Esta senha está entre as primeiras a serem adivinhadas: é comum ou parecida com seu nome.',
    lockedOut: (minutes: number) =>
      minutes === 1
        ? 'Tentativas demais. Espere um minuto e tente de novo.'
        : `Tentativas demais. Espere ${minutes} minutos, ou escolha uma nova senha.`,
    confirmTitle: 'Confirme seu e-mail',
    confirmText: 'Você seguiu um link de um e-mail. O endereço é seu?',
    confirm: 'Confirmar',
    confirmed: 'O endereço está confirmado.',
    signInFirst:
      'Um link para outro endereço só vale para quem o pediu. Entre neste navegador e abra o link de novo.',
    toParley: 'Ir para o Parley',
  },
});
