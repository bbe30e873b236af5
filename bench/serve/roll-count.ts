import type { Camera } from './cameras.js';

/** What came of one frame: no status where the connection broke. */
export interface Heard {
  status?: number;
  version?: string;
  mask?: Buffer;
}

/** Answers under a rolling update, each held against what the version that it names gives by itself. */
export class RollCount {
  requests = 0;
  /** How often each status came that is not 200; 0 is none, of a connection that broke. */
  readonly statuses: Record<number, number> = {};
  /** Whole answers of each of the versions' sets, in the order given. */
  readonly answered: number[];
  /** Answers with another mask than the version that they name gives, or of a version that nobody has put there. */
  mixed = 0;
  /** Cameras that were answered by both sets. */
  private readonly seen = new Map<string, Set<number>>();

  /** @param alone the same cameras as each set of adaptors answers them by itself */
  constructor(private readonly alone: readonly (readonly Camera[])[]) {
    this.answered = alone.map(() => 0);
    const [first, ...others] = alone as [readonly Camera[], ...Camera[][]];
    const same = first.filter((one, i) => others.some((other) => other[i]!.mask.equals(one.mask)));
    const shared = first.filter((one, i) => others.some((other) => other[i]!.version === one.version));
    if (same.length === first.length)
      throw new Error('all versions give the same masks, so that no mixture would show');
    if (shared.length > 0) throw new Error(`version ${shared[0]!.version} of ${shared[0]!.level} is in both sets`);
  }

  /** @param camera its place in the lists */
  add(camera: number, { status = 0, version, mask }: Heard): void {
    this.requests += 1;
    if (status !== 200) {
      this.statuses[status] = (this.statuses[status] ?? 0) + 1;
      return;
    }
    const set = this.alone.findIndex((cameras) => cameras[camera]!.version === version);
    if (set < 0 || !mask?.equals(this.alone[set]![camera]!.mask)) {
      this.mixed += 1;
      return;
    }
    this.answered[set]! += 1;
    const { name } = this.alone[set]![camera]!;
    this.seen.set(name, (this.seen.get(name) ?? new Set()).add(set));
  }

  get failed(): number {
    return Object.values(this.statuses).reduce((sum, count) => sum + count, 0);
  }

  /** Cameras that every set has answered at some time. */
  get both(): number {
    return [...this.seen.values()].filter((sets) => sets.size === this.alone.length).length;
  }
}
