import { sha256 } from '../common/files.js';
import { plural } from '../common/plural.js';
import type { Pixels } from '../image/pixels.js';
import type { Warning } from './warning.js';

/** Finds images that are in several splits, by their pixels. */
export class SameImages {
  private readonly splitsOf = new Map<string, Map<string, string>>();

  add(split: string, id: string, { data, width, height }: Pixels): void {
    const key = `${width}x${height} ${sha256(data)}`;
    const splits = this.splitsOf.get(key) ?? new Map<string, string>();
    splits.set(split, id);
    this.splitsOf.set(key, splits);
  }

  /** One warning for each two splits. */
  warnings(): Warning[] {
    const found = new Map<string, string[]>();
    for (const splits of this.splitsOf.values()) {
      const names = [...splits.keys()].sort();
      for (const [i, one] of names.entries()) {
        for (const other of names.slice(i + 1)) {
          const pair = `${one} and ${other}`;
          found.set(pair, [...(found.get(pair) ?? []), `${splits.get(one)} and ${splits.get(other)}`]);
        }
      }
    }
    return [...found].map(([pair, ids]) => ({
      kind: 'same-image',
      split: null,
      message: `${pair} share ${plural(ids.length, 'image')}, such as ${ids.sort()[0]}: scores on one say little of what was learned on the other`,
    }));
  }
}
