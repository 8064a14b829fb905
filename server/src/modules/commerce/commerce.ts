// The door of commerce: what the composition root binds.
export { createOpenModels, openModels } from './live.ts';
export { forgetOutsideIds } from './outside-ids.ts';
