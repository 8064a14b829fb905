// The names of the assistant's sections.
import { defineTexts } from '../../lib/texts.ts';

export const sectionTexts = defineTexts({
  en: {
    title: 'Assistant',
    behaviour: 'Behaviour',
    knowledge: 'Knowledge',
    models: 'Models',
    routing: 'Routing',
    spending: 'Spending',
    runs: 'Runs',
    tools: 'Tools',
    playground: 'Try it',
    cases: 'Cases',
    shadow: 'Shadow runs',
  },
  es: {
    title: 'Asistente',
    behaviour: 'Comportamiento',
    knowledge: 'Conocimiento',
    models: 'Modelos',
    routing: 'Enrutamiento',
    spending: 'Gasto',
    runs: 'Turnos',
    tools: 'Herramientas',
    playground: 'Probar',
    cases: 'Casos',
    shadow: 'Ensayos en la sombra',
  },
  pt: {
    title: 'Assistente',
    behaviour: 'Comportamento',
    knowledge: 'Conhecimento',
    models: 'Modelos',
    routing: 'Roteamento',
    spending: 'Gasto',
    runs: 'Turnos',
    tools: 'Ferramentas',
    playground: 'Experimentar',
    cases: 'Casos',
    shadow: 'Ensaios na sombra',
  },
});
