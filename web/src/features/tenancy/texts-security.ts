// What stands above everything when something should be looked at; said with the first page.
import { defineTexts } from '../../lib/texts.ts';

export const securityTexts = defineTexts({
  en: {
    alertsCount: (count: number) => (count === 1 ? 'A security alert' : `${count} security alerts`),
    look: 'Review',
  },
  es: {
    alertsCount: (count: number) =>
      count === 1 ? 'Una alerta de seguridad' : `${count} alertas de seguridad`,
    look: 'Ver',
  },
  pt: {
    alertsCount: (count: number) =>
      count === 1 ? 'Um alerta de segurança' : `${count} alertas de segurança`,
    look: 'Ver',
  },
});
