// What a notification says: who wrote, and no more.
import { defineTexts } from '../../lib/texts.ts';

export const notificationsTexts = defineTexts({
  en: { somebody: 'A contact', body: 'New message. Open it in Parley.' },
  es: { somebody: 'Un contacto', body: 'Mensaje nuevo. Ábralo en Parley.' },
  pt: { somebody: 'Um contato', body: 'Nova mensagem. Abra no Parley.' },
});
