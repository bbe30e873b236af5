import { Random } from '../../src/common/random.js';

/** Milliseconds: the clock is up to a day off, and jumps every second. */
const FARTHEST = 24 * 3600 * 1000;
const EVERY = 1000;

/** Has this process's clock jump back and forth, as that of a machine whose time is being set; its steady clock goes on as it was. */
export function jumpClock(seed: number): void {
  const random = new Random(seed);
  const { now } = Date;
  let offset = 0;
  Date.now = () => now() + offset;
  setInterval(() => (offset = Math.round((2 * random.next() - 1) * FARTHEST)), EVERY).unref();
}
