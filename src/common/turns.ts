/** Lets one thing happen at a time: each waits until those that came before it have ended, however they did. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Does the work in its turn. @throws what it throws */
  take<T>(work: () => Promise<T> | T): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => {});
    return turn;
  }
}
