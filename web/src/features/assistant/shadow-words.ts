// What a shadow run tried, in a few words.
import type { ShadowChanges } from '@parley/contract/shadow-runs';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { useModels } from './model-queries.ts';
import { shadowTexts } from './texts-shadow.ts';

export function useChangeNames({ persona, modelId, supportNeeded, knowledge }: ShadowChanges): string {
  const texts = useTexts(shadowTexts);
  const format = useFormat();
  const models = useModels();
  const modelName =
    modelId === null
      ? texts.builtIn
      : (models.data?.items.find(({ id }) => id === modelId)?.name ?? texts.formerModel);
  const names = [
    ...(modelId === undefined ? [] : [texts.changedModel(modelName)]),
    ...(persona === undefined ? [] : [texts.changedPersona]),
    ...(knowledge === undefined
      ? []
      : [
          texts.changedKnowledge(
            format.number(knowledge.with.length),
            format.number(knowledge.without.length),
          ),
        ]),
    ...(supportNeeded === undefined ? [] : [texts.changedSupport(format.percent(supportNeeded))]),
  ];
  return names.length === 0 ? texts.unchanged : names.join(' · ');
}
