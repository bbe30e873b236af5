/**
 * A seeded generator of uniform numbers whose whole state is one 32-bit integer, so that a training run can be resumed to the bit.
 *
 * @source mulberry32 (Tommy Ettinger, public domain)
 */
export class Random {
  constructor(public state: number) {
    this.state = state >>> 0;
  }

  /** A generator for one part of a run (`'augment'`, `epoch 3`), independent of how far any other has advanced. */
  static of(seed: number, ...path: (string | number)[]): Random {
    let hash = 2166136261;
    for (const character of `${seed}/${path.join('/')}`) hash = Math.imul(hash ^ character.codePointAt(0)!, 16777619);
    const random = new Random(hash);
    random.next();
    return random;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** Uniform integer in [0, bound). */
  integer(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** `0..count-1` in random order (Fisher and Yates). */
  permutation(count: number): number[] {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}
