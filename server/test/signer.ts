// A signer for parts of the core that a test opens without a kernel.
import { createSigner } from '../src/core/signing.ts';

export const testSigner = createSigner(['a secret that only the tests have, and no one else'], 'tests');
