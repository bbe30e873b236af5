/** Numbers of frames, first and last. */
export type Run = [from: number, to: number];

/** A packet as it went to the decoder. */
export interface SentPacket {
  /** The container's ticks; undefined where it has none. */
  stamp: bigint | undefined;
  isKey: boolean;
  /** The container says that bytes of it are missing. */
  isCorrupt: boolean;
}

/** A frame as it came from the decoder. */
export interface DecodedFrame {
  stamp: bigint | undefined;
  /** Ticks that it stands; 0 where nobody knows. */
  duration: bigint;
  /** The decoder made up parts of it. */
  isDamaged: boolean;
}

/**
 * Keeps the numbers of a source's frames where some cannot be decoded. A packet whose frame never comes has cost a frame where the
 * decoder complained or the container knows of missing bytes; otherwise it held none, as the second field of a frame does, or a frame
 * that is never shown.
 */
export class Account {
  /** Frames that came. */
  given = 0;
  /** Frames that never came, by their numbers. */
  readonly lost: Run[] = [];
  /** Frames that came with parts made up, by their numbers. */
  readonly damaged: Run[] = [];
  private number = 0;
  private errors = 0;
  /** Packets that had no frame though nothing was wrong. */
  private silent = 0;
  private waiting: bigint[] = [];
  private firstKey: bigint | undefined;
  private isKeyed = false;
  private isStamped = false;
  private last: DecodedFrame | undefined;
  private step = 0n;
  /** Bytes are missing since the last frame. */
  private isBroken = false;
  /** Packets refused since the last frame, of a source without times. */
  private nameless = 0;

  /** Nothing before the first key frame can be decoded, and that is no damage. */
  sent({ stamp, isKey, isCorrupt }: SentPacket): void {
    if (!this.isKeyed && !isKey) return;
    if (!this.isKeyed) this.firstKey = stamp;
    this.isKeyed = true;
    this.isBroken ||= isCorrupt;
    this.isStamped ||= stamp !== undefined;
    if (stamp !== undefined && (this.firstKey === undefined || stamp >= this.firstKey)) this.waiting.push(stamp);
  }

  /** The decoder refused a packet. */
  refused(): void {
    if (!this.isKeyed) return;
    this.errors++;
    if (!this.isStamped) this.nameless++;
  }

  /** @returns the frame's number in the source; the first is 1 */
  came(frame: DecodedFrame): number {
    this.skip(frame.stamp);
    this.isKeyed = true;
    this.given++;
    const number = ++this.number;
    if (frame.isDamaged) extend(this.damaged, number, number);
    this.last = frame;
    this.isBroken = false;
    return number;
  }

  /** Nothing more comes. */
  end(): void {
    this.skip(undefined);
  }

  /** Packets that the decoder refused. */
  get refusals(): number {
    return this.errors;
  }

  private skip(stamp: bigint | undefined): void {
    const isBefore = (other: bigint): boolean => stamp === undefined || other < stamp;
    const passed = this.waiting.filter(
      (other) => isBefore(other) && !(this.last?.stamp !== undefined && other <= this.last.stamp),
    );
    this.waiting = this.waiting.filter((other) => !isBefore(other) && other !== stamp);
    const lost = this.countLost(passed.length, stamp);
    if (lost > 0) extend(this.lost, this.number + 1, this.number + lost);
    this.number += lost;
    this.nameless = 0;
  }

  private countLost(passed: number, stamp: bigint | undefined): number {
    const isWrong = this.errors > 0 || this.isBroken;
    if (!isWrong) this.silent += passed;
    const gap = this.gap(stamp);
    if (!isWrong) return 0;
    // Packets are no frames here; the time that passed tells.
    if (this.silent > 0) return Math.min(passed, gap ?? passed) + this.nameless;
    return Math.max(passed, this.isBroken ? (gap ?? 0) : 0) + this.nameless;
  }

  /** Frames that fit between the last one and this. */
  private gap(stamp: bigint | undefined): number | undefined {
    const { last } = this;
    if (last?.stamp === undefined || stamp === undefined) return undefined;
    const passed = stamp - last.stamp;
    const step = last.duration > 0n ? last.duration : this.step;
    if (passed > 0n && (this.step === 0n || passed < this.step)) this.step = passed;
    return step > 0n ? Math.max(0, Math.round(Number(passed) / Number(step)) - 1) : undefined;
  }
}

function extend(runs: Run[], from: number, to: number): void {
  const last = runs.at(-1);
  if (last && last[1] === from - 1) last[1] = to;
  else runs.push([from, to]);
}

/** `4 frames (14-15, 17, 19)`; of many runs the first. */
export function runWords(runs: readonly Run[], most = 8): string {
  const count = runs.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  const words = runs.slice(0, most).map(([from, to]) => (from === to ? String(from) : `${from}-${to}`));
  const more = runs.length > most ? ', ...' : '';
  return `${count} ${count === 1 ? 'frame' : 'frames'} (${words.join(', ')}${more})`;
}
