import { Coverage } from './coverage.js';

/** Numbers of frames, first and last. */
export type Stretch = [from: number, to: number];

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
  /** Ticks of its packet. */
  stamp: bigint | undefined;
  /** Seconds, also where they are guessed. */
  time: number | undefined;
  /** The decoder made up parts of it. */
  isDamaged: boolean;
}

/** Something that was wrong counts for so many frames: decoders hold some back. */
const WINDOW = 32;

/**
 * Keeps the numbers of a source's frames where some cannot be decoded. A packet whose frame never comes has cost a frame where the
 * decoder complained or bytes are missing; otherwise it held none, as the second field of a frame does, or a frame that is never shown.
 * Where packets are missing themselves the times tell how many: a gap is a pause unless something was wrong.
 */
export class Account {
  /** Frames that came. */
  given = 0;
  /** Packets that the decoder refused. */
  refusals = 0;
  /** Frames that never came, by their numbers. */
  readonly lost: Stretch[] = [];
  /** Frames that came with parts made up, by their numbers. */
  readonly damaged: Stretch[] = [];
  private number = 0;
  /** Frames to come for which something is wrong. */
  private wrong = 0;
  /** Whether what is wrong may have cost packets. */
  private isBroken = false;
  /** Packets that had no frame though nothing was wrong. */
  private silent = 0;
  private waiting: bigint[] = [];
  private firstKey: bigint | undefined;
  private isKeyed = false;
  /** Whether a packet had no time. */
  private isNameless = false;
  private last: DecodedFrame | undefined;
  /** Seconds between two frames, at least so far. */
  private step = Infinity;

  /** @param frame seconds from one frame to the next, where the header says */
  constructor(
    private readonly frame?: number,
    readonly coverage = new Coverage(),
  ) {}

  /** Nothing before the first key frame can be decoded, and that is no damage. */
  sent({ stamp, isKey, isCorrupt }: SentPacket): void {
    if (!this.isKeyed && !isKey) return;
    if (!this.isKeyed) this.firstKey = stamp;
    this.isKeyed = true;
    this.isNameless ||= stamp === undefined;
    if (isCorrupt) this.goesWrong(true);
    if (stamp !== undefined && (this.firstKey === undefined || stamp >= this.firstKey)) this.waiting.push(stamp);
  }

  /** The decoder refused a packet. */
  refused(): void {
    if (!this.isKeyed) return;
    this.refusals++;
    this.goesWrong(false);
  }

  /** @returns the frame's number in the source; the first is 1 */
  came(frame: DecodedFrame): number {
    if (frame.isDamaged) this.goesWrong(false);
    this.skip(frame);
    this.isKeyed = true;
    this.given++;
    const number = ++this.number;
    if (frame.isDamaged) extend(this.damaged, number, number);
    this.last = frame;
    this.wrong--;
    if (this.wrong <= 0) this.isBroken = false;
    return number;
  }

  /** Nothing more comes. */
  end(): void {
    this.skip(undefined);
  }

  private goesWrong(isBroken: boolean): void {
    this.wrong = WINDOW;
    this.isBroken ||= isBroken;
  }

  private skip(next: DecodedFrame | undefined): void {
    const stamp = next?.stamp;
    if (next && stamp === undefined) this.waiting = [];
    const isBefore = (other: bigint): boolean => stamp === undefined || other < stamp;
    const isLate = (other: bigint): boolean => this.last?.stamp !== undefined && other <= this.last.stamp;
    const passed = this.waiting.filter((other) => isBefore(other) && !isLate(other)).length;
    this.waiting = this.waiting.filter((other) => !isBefore(other) && other !== stamp);
    const lost = this.countLost(passed, this.gapBefore(next));
    if (lost > 0) extend(this.lost, this.number + 1, this.number + lost);
    this.number += lost;
  }

  private countLost(passed: number, gap: number): number {
    if (gap > passed && this.coverage.misses(gap - passed)) this.goesWrong(true);
    if (this.wrong <= 0) {
      this.silent += passed;
      return 0;
    }
    // Packets are no frames in some sources, and some have no times.
    if (this.silent > 0 || this.isNameless) return gap;
    return Math.max(passed, this.isBroken ? gap : 0);
  }

  /** Frames that fit between the last one and the next. */
  private gapBefore(next: DecodedFrame | undefined): number {
    if (this.last?.time === undefined || next?.time === undefined) return 0;
    const passed = next.time - this.last.time;
    if (passed > 0) this.step = Math.min(this.step, passed);
    // Times are often rounded; the header's rate is exact, where it is that of these frames.
    const { frame, step } = this;
    const isRate = frame !== undefined && Math.abs(frame - step) < frame / 10;
    return Math.max(0, Math.round(passed / (isRate ? frame : step)) - 1 || 0);
  }
}

function extend(runs: Stretch[], from: number, to: number): void {
  const last = runs.at(-1);
  if (last && last[1] === from - 1) last[1] = to;
  else runs.push([from, to]);
}

/** `4 frames (14-15, 17, 19)`; of many runs the first. */
export function runWords(runs: readonly Stretch[], most = 8): string {
  const count = runs.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  const words = runs.slice(0, most).map(([from, to]) => (from === to ? String(from) : `${from}-${to}`));
  const more = runs.length > most ? ', ...' : '';
  return `${count} ${count === 1 ? 'frame' : 'frames'} (${words.join(', ')}${more})`;
}
