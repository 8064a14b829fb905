// The door of commerce: what the composition root binds.
export { openModels } from './live.ts';
