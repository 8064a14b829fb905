// The words about quiet hours.
import { defineTexts } from '../../lib/texts.ts';

export const quietHoursTexts = defineTexts({
  en: {
    quiet: 'Quiet hours',
    quietHint: 'Nothing rings meanwhile. What comes in waits in the inbox.',
    from: 'From',
    to: 'Until',
    days: 'On',
    timeZone: 'Time zone',
    ofWorkspace: (zone: string) => `As the workspace (${zone})`,
    every: (from: string, to: string, place: string) => `Quiet from ${from} to ${to}, ${place} time.`,
    some: (from: string, to: string, days: string, place: string) =>
      `Quiet from ${from} to ${to}, ${place} time, on ${days}.`,
    nextDay: 'They end on the day after.',
  },
  es: {
    quiet: 'Horas de silencio',
    quietHint: 'Mientras tanto nada suena. Lo que llega espera en la bandeja.',
    from: 'Desde',
    to: 'Hasta',
    days: 'Los días',
    timeZone: 'Zona horaria',
    ofWorkspace: (zone: string) => `Como el espacio (${zone})`,
    every: (from: string, to: string, place: string) => `Silencio de ${from} a ${to}, hora de ${place}.`,
    some: (from: string, to: string, days: string, place: string) =>
      `Silencio de ${from} a ${to}, hora de ${place}, los días ${days}.`,
    nextDay: 'Terminan al día siguiente.',
  },
  pt: {
    quiet: 'Horas de silêncio',
    quietHint: 'Enquanto isso, nada toca. O que chega espera na caixa de entrada.',
    from: 'Das',
    to: 'Até',
    days: 'Nos dias',
    timeZone: 'Fuso horário',
    ofWorkspace: (zone: string) => `Como o espaço (${zone})`,
    every: (from: string, to: string, place: string) =>
      `Silêncio das ${from} às ${to}, no horário de ${place}.`,
    some: (from: string, to: string, days: string, place: string) =>
      `Silêncio das ${from} às ${to}, no horário de ${place}, nos dias ${days}.`,
    nextDay: 'Elas terminam no dia seguinte.',
  },
});
