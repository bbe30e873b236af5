import { isGone, type ProcessName } from '../../common/process.js';

/** Who holds a lease, as it is written down. */
export interface Holder {
  /** For people. */
  owner: string;
  /** Tells this taking of the lease from all others. */
  token: string;
  /** Seconds after which, unless it is renewed, it is over. */
  silence: number;
  process?: ProcessName;
}

/** Of a lease that cannot be read: its writer died in the middle of it, or is at it. */
const UNREADABLE: Holder = { owner: 'another process', token: '', silence: 60 };

/** @param beat how often it was renewed; of a fixed length, so that each text takes the place of the one before */
export function leaseText(holder: Holder, beat: number): string {
  return `${JSON.stringify({ ...holder, beat: String(beat).padStart(9, '0') })}\n`;
}

export function holderOf(text: string): Holder {
  try {
    const { owner, token, silence, process } = JSON.parse(text) as Holder;
    if (typeof owner === 'string' && typeof token === 'string' && silence > 0)
      return { owner, token, silence, process };
  } catch {
    // As any other that is none.
  }
  return UNREADABLE;
}

/**
 * Tells leases that are over: those that this process has seen unchanged for as long as their holders promised not to leave them. The time
 * is measured by this process's own steady clock, so clocks that differ or jump do no harm.
 *
 * @source Amazon DynamoDB Lock Client, which tells a dead holder by its unchanged record version number in the same way
 */
export class Watch {
  private readonly seen = new Map<string, { text: string; since: number }>();

  /** @param now milliseconds of a clock that never jumps; given by tests */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** @param text what the lease at that place says */
  isSilent(place: string, text: string): boolean {
    const before = this.seen.get(place);
    if (before?.text === text) return this.now() - before.since >= 1000 * holderOf(text).silence;
    this.seen.set(place, { text, since: this.now() });
    return false;
  }
}

/** Whether a lease's holder is gone, or has not renewed it for as long as it promised. */
export async function isOver(place: string, text: string, watch: Watch): Promise<boolean> {
  const { process } = holderOf(text);
  return (process !== undefined && (await isGone(process))) || watch.isSilent(place, text);
}
