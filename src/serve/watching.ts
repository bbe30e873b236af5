/** Milliseconds between two looks at the folders. A change is taken at the second look that finds it, so well within five seconds. */
const INTERVAL = 1_000;

/** Looks at folders again and again, one look after the other, until it is stopped. */
export class Watching {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  /** @param look one look; what it fails with is left to the next */
  constructor(private readonly look: () => Promise<void>) {}

  start(): void {
    if (!this.stopped) this.timer = setTimeout(() => void this.once(), INTERVAL).unref();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async once(): Promise<void> {
    await this.look().catch(() => {});
    this.start();
  }
}
