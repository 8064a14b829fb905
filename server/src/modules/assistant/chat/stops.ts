// That a member stopped an answer, told to the process that writes it. That it is stopped stands in its row: a lost word
// costs half a second of writing.
import type { Bus } from '../../../core/bus.ts';

const topic = 'chat-stop';

export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

export class ChatStops {
  readonly #bus: Bus;
  readonly #writing = new Map<string, AbortController>();

  constructor(bus: Bus) {
    this.#bus = bus;
    bus.subscribe(topic, (messageId) =>
      this.#writing.get(messageId)?.abort(new StoppedError('it was stopped')),
    );
  }

  stop(messageId: string): void {
    this.#bus.publish(topic, messageId);
  }

  /** For as long as this process writes it. */
  watch(messageId: string): AbortController {
    const controller = new AbortController();
    this.#writing.set(messageId, controller);
    return controller;
  }

  unwatch(messageId: string, controller: AbortController): void {
    if (this.#writing.get(messageId) === controller) this.#writing.delete(messageId);
  }
}
