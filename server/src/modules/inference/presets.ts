// Where models commonly come from: what fills in the settings that such models share.
import type { Capability, ModelPreset, PresetDescription } from '@parley/contract/models';

const text: Capability[] = ['chat', 'code'];

export const presets: readonly PresetDescription[] = [
  {
    preset: 'openai',
    name: 'OpenAI',
    baseUrl: 'https://api.openai.com/v1',
    needsApiKey: true,
    local: false,
    capabilities: [...text, 'vision', 'tools'],
  },
  {
    preset: 'groq',
    name: 'Groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    needsApiKey: true,
    local: false,
    capabilities: [...text, 'tools'],
  },
  {
    preset: 'huggingface',
    name: 'Hugging Face',
    baseUrl: 'https://router.huggingface.co/v1',
    needsApiKey: true,
    local: false,
    capabilities: text,
  },
  {
    preset: 'ollama',
    name: 'Ollama',
    baseUrl: 'http://localhost:11434/v1',
    needsApiKey: false,
    local: true,
    capabilities: text,
  },
  {
    preset: 'llamacpp',
    name: 'llama.cpp',
    baseUrl: 'http://localhost:8080/v1',
    needsApiKey: false,
    local: true,
    capabilities: text,
  },
  {
    preset: 'custom',
    name: 'OpenAI-compatible',
    baseUrl: null,
    needsApiKey: false,
    local: false,
    capabilities: ['chat'],
  },
];

export function presetOf(preset: ModelPreset): PresetDescription {
  const found = presets.find((one) => one.preset === preset);
  if (!found) throw new Error(`there is no preset ${preset}`);
  return found;
}
