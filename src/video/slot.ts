/**
 * Room for one frame between the thread that decodes and the network. With `newest` a frame that comes before the last was taken
 * replaces it; otherwise the one who puts waits, and so decoding is one frame ahead.
 */
export class Slot<T> {
  /** Items that were replaced before anybody took them. */
  dropped = 0;
  private item: { value: T } | undefined;
  private wake: (() => void)[] = [];
  private closed = false;

  constructor(private readonly newest: boolean) {}

  /** Resolves when the item is in its place. */
  async put(value: T): Promise<void> {
    if (this.newest && this.item) this.dropped++;
    else while (this.item && !this.closed) await this.change();
    this.item = { value };
    this.notify();
  }

  /** The next item, once there is one; undefined after {@link close} when none is left. */
  async take(): Promise<T | undefined> {
    while (!this.item && !this.closed) await this.change();
    const taken = this.item;
    this.item = undefined;
    this.notify();
    return taken?.value;
  }

  /** Nothing more will be put. */
  close(): void {
    this.closed = true;
    this.notify();
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.wake.push(resolve));
  }

  private notify(): void {
    for (const resolve of this.wake.splice(0)) resolve();
  }
}
