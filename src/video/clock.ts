/** A jump of more seconds than this is another clock, not a pause. */
const LONGEST_GAP = 10;
/** Of a source that says nothing of its rate. */
const FRAME = 1 / 25;

/**
 * One rising clock out of a stream's timestamps. A stream that is put together from pieces (HLS after a discontinuity) starts its
 * clock again; the times here go on from the last frame instead.
 */
export class Clock {
  private offset: number | undefined;
  private last = 0;
  private started = false;

  /** @param frame seconds from one frame to the next, where a timestamp is missing or jumps */
  constructor(private readonly frame = FRAME) {}

  /**
   * @param stamp the frame's own timestamp in seconds, undefined where it has none
   * @returns seconds since the first frame; larger than what was returned before
   */
  next(stamp: number | undefined): number {
    const expected = this.started ? this.last + this.frame : 0;
    this.started = true;
    if (stamp === undefined) return (this.last = expected);
    this.offset ??= stamp - expected;
    const time = stamp - this.offset;
    const isJump = expected > 0 && (time <= this.last || time > this.last + LONGEST_GAP);
    if (isJump) this.offset = stamp - expected;
    return (this.last = isJump ? expected : time);
  }
}
