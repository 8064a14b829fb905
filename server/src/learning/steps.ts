// Long work is a generator: each step yields the share that is done, 0 to 1, and whoever runs it may pause or stop after any.

/** Takes all steps without a pause. */
export function runToEnd<T>(steps: Generator<number, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The steps of a part of the work, as the share `from` to `to` of the whole. */
export function* between<T>(from: number, to: number, part: Generator<number, T>): Generator<number, T> {
  for (;;) {
    const step = part.next();
    if (step.done === true) return step.value;
    yield from + (to - from) * step.value;
  }
}
