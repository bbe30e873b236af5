import { setTimeout as sleep } from 'node:timers/promises';
import { GearnnError } from '../common/errors.js';
import type { Clock } from './clock.js';
import { clockOf, decodeFrames } from './decode.js';
import { Input } from './input.js';
import type { Damage, DecodeTask } from './messages.js';
import type { VideoFrame, VideoInfo } from './picture.js';
import { isAddress, shownSource } from './source.js';

/** Seconds before a source is opened again: at first, and at most. */
const [FIRST_WAIT, LONGEST_WAIT] = [0.5, 5];
/** Seconds that a live playlist may give once more when it is opened again. */
const LIST_WINDOW = 60;

/** The frames of one source, over as many connections as it takes. */
export class Session {
  readonly damage: Damage = { lost: [], damaged: [] };
  private readonly clock: Clock;
  /** Last frame of all. */
  private number = 0;
  private stamp: number | undefined;
  /** When the last frame came, by this machine's clock. */
  private cameAt = 0;

  private constructor(
    private readonly task: DecodeTask,
    private input: Input,
    private readonly signal: AbortSignal,
  ) {
    this.clock = clockOf(input, task.source);
  }

  /** @throws E_VIDEO_PACKAGE, E_VIDEO_OPEN; the signal's reason */
  static async open(task: DecodeTask, signal: AbortSignal): Promise<Session> {
    return new Session(task, await Input.open(task.source, { signal, silence: task.silence }), signal);
  }

  /** Of the first connection, with the size of the frames as they come. */
  get info(): VideoInfo {
    const { info } = this.input;
    const isTurned = (this.task.autorotate ?? true) && (info.orientation ?? 0) > 4;
    return isTurned ? { ...info, width: info.height, height: info.width } : info;
  }

  get length(): number | undefined {
    return this.input.length;
  }

  get comesInPieces(): boolean {
    return this.input.comesInPieces;
  }

  /**
   * All frames. With `reconnect` a source on the network goes on where it broke off: a live one with its newest frame, a recording with the
   * frame after the last.
   *
   * @param onBreak told why it is opened again
   * @throws E_VIDEO_BROKEN; the signal's reason
   */
  async *frames(onBreak: (error: Error) => void): AsyncGenerator<VideoFrame, void> {
    const { task, signal } = this;
    const goesOn = (task.reconnect ?? false) && isAddress(task.source);
    const { live } = this.input.info;
    for (;;) {
      const ended = performance.now();
      let broken: unknown;
      try {
        yield* this.once(live);
        // A camera has no end, a playlist says its own.
        if (!goesOn || !live || this.input.isPlaylist) return;
        broken = new GearnnError('E_VIDEO_BROKEN', {
          where: shownSource(task.source),
          expected: 'frames without an end',
          got: `the end of the stream after ${this.number} frames`,
        });
      } catch (error) {
        if (!goesOn || signal.aborted || !isBroken(error)) throw error;
        broken = error;
      } finally {
        this.keepDamage();
      }
      onBreak(broken as Error);
      await this.reopen();
      if (live) this.clock.pause((performance.now() - Math.max(ended, this.cameAt)) / 1000);
    }
  }

  async close(): Promise<void> {
    await this.input.close();
  }

  private async *once(live: boolean): AsyncGenerator<VideoFrame, void> {
    const { input, task } = this;
    const [before, stampBefore] = [this.number, this.stamp];
    const clock = live || before === 0 ? this.clock : clockOf(input, task.source);
    let seen = 0;
    for await (const { stamp, ...frame } of decodeFrames(input, clock, task)) {
      const isSeen =
        before > 0 &&
        (live ? input.isPlaylist && stamp !== undefined && isWithin(stampBefore, stamp) : frame.number <= before);
      if (isSeen) {
        seen = frame.number;
        continue;
      }
      this.stamp = stamp;
      this.number = live ? Math.max(this.number + 1, before + frame.number - seen) : frame.number;
      this.cameAt = performance.now();
      yield { ...frame, number: this.number };
    }
  }

  private async reopen(): Promise<void> {
    const { task, signal } = this;
    for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      await sleep(wait * 1000, undefined, { signal });
      try {
        const next = await Input.open(task.source, { signal, silence: task.silence });
        await this.input.close();
        this.input = next;
        return;
      } catch (error) {
        if (signal.aborted || !isBroken(error)) throw error;
      }
    }
  }

  private keepDamage(): void {
    const { lost, damaged } = this.input.account;
    this.damage.lost.push(...lost);
    this.damage.damaged.push(...damaged);
  }
}

/** Whether a playlist gives a frame once more, rather than one of a clock that began anew. */
function isWithin(last: number | undefined, stamp: number): boolean {
  return last !== undefined && stamp <= last && last - stamp < LIST_WINDOW;
}

function isBroken(error: unknown): boolean {
  return error instanceof GearnnError && ['E_VIDEO_BROKEN', 'E_VIDEO_OPEN'].includes(error.code);
}
