import { ApiError, explain } from './api.js';

/** Longest wait between two tries, seconds. */
const LONGEST_WAIT = 10;

/**
 * Runs one piece of work at a time, always the newest: what is asked for while one runs is run once after it, and what has
 * become worthless is given up.
 */
export class Loop {
  #work;
  #say;
  #dirty = false;
  #wake = () => {};
  #abort = new AbortController();
  #failures = 0;

  /**
   * @param {(signal: AbortSignal) => Promise<boolean>} work says whether there is more to do at once
   * @param {(message: string, error?: unknown) => void} say tells people what is wrong; an empty text: nothing
   */
  constructor(work, say) {
    this.#work = work;
    this.#say = say;
    addEventListener('online', () => this.again());
  }

  /** There is something new. */
  again() {
    this.#dirty = true;
    this.#wake();
  }

  /** There is something new, and what runs now is worth nothing. */
  instead() {
    this.#abort.abort();
    this.again();
  }

  async run() {
    for (;;) {
      if (!this.#dirty) await this.#news();
      this.#dirty = false;
      this.#abort = new AbortController();
      const { signal } = this.#abort;
      try {
        if (await this.#work(signal)) this.#dirty = true;
        this.#failures = 0;
      } catch (error) {
        if (!signal.aborted) await this.#failed(error);
      }
    }
  }

  /** @param {unknown} error */
  async #failed(error) {
    if (!(error instanceof ApiError && error.passes)) {
      this.#say(explain(error), error);
      return;
    }
    const seconds = Math.min(LONGEST_WAIT, Math.max(error.retryAfter, 2 ** this.#failures / 2));
    this.#failures++;
    this.#say(`${explain(error)} Trying again in ${seconds} s.`, error);
    await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
    this.#dirty = true;
  }

  #news() {
    return new Promise((resolve) => (this.#wake = () => resolve(undefined)));
  }
}
