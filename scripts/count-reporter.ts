// Prints how many tests passed and failed as the very last line of a run, in the one form that CI reads, and before it
// which ones passed only when they were tried again: those are to be mended, too.
import type { Reporter, SerializedError, TestCase, TestModule, TestSuite } from 'vitest/node';

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** A hook that failed has no test of its own: it counts as one failure, so that the line never looks better than the run. */
function countFailedHooks(module: TestModule): number {
  const suites: (TestModule | TestSuite)[] = [module, ...module.children.allSuites()];
  return suites.reduce((sum, suite) => sum + suite.errors().length, 0);
}

export function countTests(modules: readonly TestModule[], unhandledErrorCount: number): TestCounts {
  const states = modules.flatMap((module) =>
    Array.from(module.children.allTests(), (test) => test.result().state),
  );
  const passed = states.filter((state) => state === 'passed').length;
  const skipped = states.filter((state) => state === 'skipped').length;
  const failedHooks = modules.reduce((sum, module) => sum + countFailedHooks(module), 0);
  return { passed, skipped, failed: states.length - passed - skipped + failedHooks + unhandledErrorCount };
}

export function countLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function wasTriedAgain(test: TestCase): boolean {
  return test.result().state === 'passed' && (test.diagnostic()?.retryCount ?? 0) > 0;
}

export default class CountReporter implements Reporter {
  #counts: TestCounts = { passed: 0, failed: 0, skipped: 0 };

  onInit(): void {
    // At the exit, since vitest still writes after it has called its reporters.
    process.once('exit', () => process.stdout.write(`${countLine(this.#counts)}\n`));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    this.#counts = countTests(modules, unhandledErrors.length);
    const again = modules.flatMap((module) => [...module.children.allTests()].filter(wasTriedAgain));
    for (const test of again)
      process.stdout.write(`passed when tried again: ${test.module.relativeModuleId} > ${test.fullName}\n`);
  }
}
