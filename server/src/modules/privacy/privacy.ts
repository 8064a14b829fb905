// The door of privacy: how long things are kept, what must not be deleted, and the proof of what was.
export { declaredTables, gatherDeclared } from './declared.ts';
export { holds } from './holds.ts';
export { createPrivacyHost, privacyHost } from './host.ts';
export { beginRetention, readRetentionRun, runRetention } from './retention-runs.ts';
export { searchForOperator } from './search.ts';
export { refusal, setWorkspaceErasure } from './workspace-erasure.ts';
export { createWorkspaceErasureWork, workspaceErasureWork } from './workspace-erasure-work.ts';
