// A refresh token was used twice: the user is told by mail, and the owners of their workspaces by an alert.
import type { SpokenLanguage } from '@parley/contract/common';
import { z } from 'zod';
import { jobOrigin } from '../../../core/audit.ts';
import type { SystemContext } from '../../../core/context.ts';
import { type Mail, mailer } from '../../../core/mail.ts';
import { defineJob } from '../../../core/queue.ts';
import { type Reader, readersOf } from '../account.ts';
import { securityWatch } from '../audit/watch.ts';

export const tellTokenReuse = defineJob({
  name: 'tenancy.tell_token_reuse',
  doc: 'Tells a user, and the owners of their workspaces, that a refresh token was used twice.',
  input: z.object({ familyId: z.uuid() }),
  effect: 'system',
  retries: 5,
});

/** Run twice, it tells twice. */
export async function tellOfTokenReuse(
  ctx: SystemContext,
  { familyId }: { familyId: string },
): Promise<void> {
  const { family, user } = await ctx.system(async (queries) => {
    const [found] = await queries.sql<{ user_id: string; program: string | null }>(
      'select user_id, coalesce(name, device) as program from token_families where id = $1',
      [familyId],
    );
    const [reader] = found ? await readersOf(queries, [found.user_id]) : [];
    return { family: found, user: reader };
  });
  if (!family || !user) return;
  await ctx.use(securityWatch).tokenReused(user.id, { ...jobOrigin, sessionId: familyId });
  await ctx.use(mailer).post(letter(user, family.program));
}

const letters: Record<SpokenLanguage, (name: string, program: string) => Omit<Mail, 'to'>> = {
  en: (name, program) => ({
    subject: 'A program was signed out of your Parley account',
    text: `Hello ${name},\n\na key that ${program} keeps for your account was used twice. Somebody may have copied it, so it was signed out.\n\nSign in there again. If you do not know it, change your password and look at where you are signed in, in the settings.`,
  }),
  es: (name, program) => ({
    subject: 'Se cerró la sesión de un programa en su cuenta de Parley',
    text: `Hola, ${name}:\n\nuna clave que ${program} guarda para su cuenta se usó dos veces. Alguien puede haberla copiado, así que se cerró la sesión.\n\nVuelva a iniciar sesión allí. Si no lo reconoce, cambie su contraseña y mire en los ajustes dónde ha iniciado sesión.`,
  }),
  pt: (name, program) => ({
    subject: 'Um programa foi desconectado da sua conta do Parley',
    text: `Olá, ${name}:\n\numa chave que ${program} guarda para a sua conta foi usada duas vezes. Alguém pode tê-la copiado, por isso o programa foi desconectado.\n\nEntre lá de novo. Se não o reconhece, troque a senha e veja nas configurações onde você entrou.`,
  }),
};
const unnamed: Record<SpokenLanguage, string> = { en: 'a program', es: 'un programa', pt: 'um programa' };

const letter = ({ name, email, language }: Reader, program: string | null): Mail => ({
  to: email,
  ...letters[language](name, program ?? unnamed[language]),
});
