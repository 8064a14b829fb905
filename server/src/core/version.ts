// The version of Parley that runs: what documents and the start page name.
export const version = '0.1.0';
