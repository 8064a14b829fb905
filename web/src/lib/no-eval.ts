// Zod probes whether it may make functions out of text, and the content security policy reports the probe as a violation.
// Set before any schema is made; `z.config` would bring all of Zod into the first script.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
