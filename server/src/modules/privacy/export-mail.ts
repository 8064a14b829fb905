// Tells by mail that an export is ready.
import type { Mail } from '../../core/mail.ts';

const letters = {
  en: {
    subject: 'Your export from Parley is ready',
    text: (link: string) =>
      `Hello,\n\nyour export is ready. Fetch it here, within seven days:\n\n${link}\n\nThe passphrase that opens it was shown to you when you asked for it; Parley does not know it any more.\n`,
  },
  es: {
    subject: 'Su exportación de Parley está lista',
    text: (link: string) =>
      `Hola:\n\nSu exportación está lista. Descárguela aquí en los próximos siete días:\n\n${link}\n\nLa contraseña que la abre se le mostró al pedirla; Parley ya no la conoce.\n`,
  },
  pt: {
    subject: 'Sua exportação do Parley está pronta',
    text: (link: string) =>
      `Olá,\n\nsua exportação está pronta. Baixe-a aqui nos próximos sete dias:\n\n${link}\n\nA senha que a abre foi mostrada quando você pediu; o Parley não a conhece mais.\n`,
  },
} as const;

export const exportMail = (to: string, language: keyof typeof letters, publicUrl: string): Mail => ({
  to,
  subject: letters[language].subject,
  text: letters[language].text(new URL('/settings?tab=privacy', publicUrl).href),
});
