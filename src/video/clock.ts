/** Of a source of which nobody knows how long it lasts, a jump of more seconds than this is another clock, not a pause. */
const LONGEST_GAP = 30;
/** Seconds by which a header may be wrong. */
const TOLERANCE = 1;
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

  /**
   * @param frame seconds from one frame to the next, where a timestamp is missing or jumps
   * @param length seconds that the source lasts: a leap within is a pause. Infinity for a file of one piece, whose times are its own;
   *   undefined where nobody knows
   */
  constructor(
    private readonly frame = FRAME,
    private readonly length?: number,
  ) {}

  /** The next frame is of a clock of its own, and comes so many seconds after the last. */
  pause(seconds: number): void {
    this.offset = undefined;
    this.last += Math.max(0, seconds - this.frame);
  }

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
    const isLeap = this.length === undefined ? time > this.last + LONGEST_GAP : time > this.length + TOLERANCE;
    const isJump = expected > 0 && (time <= this.last || isLeap);
    if (isJump) this.offset = stamp - expected;
    return (this.last = isJump ? expected : time);
  }
}
