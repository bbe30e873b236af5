/** Milliseconds before the first try, doubled up to the last for each that leaves something. */
const [FIRST, LAST] = [1_000, 30_000];

/** Tries again and again what could not be loaded, at growing intervals, until nothing is left. */
export class Mending {
  private timer: NodeJS.Timeout | undefined;
  private delay = FIRST;
  private stopped = false;

  /**
   * @param mend tries once; says whether anything is left
   * @param isReady whether there is an engine to try with
   */
  constructor(
    private readonly mend: () => Promise<boolean>,
    private readonly isReady: () => boolean,
  ) {}

  /** There is something to mend, or something new: soon. */
  begin(): void {
    this.delay = FIRST;
    this.schedule();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => void this.once(), this.delay).unref();
  }

  private async once(): Promise<void> {
    const delay = this.delay;
    // An engine that ended is started again, and brings everything back that it can.
    const isLeft = this.isReady() ? await this.mend().catch(() => true) : true;
    if (!isLeft) return;
    // Something new meanwhile begins anew.
    if (this.delay === delay) this.delay = Math.min(LAST, delay * 2);
    this.schedule();
  }
}
