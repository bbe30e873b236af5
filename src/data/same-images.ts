import { sha256 } from '../common/files.js';
import { plural } from '../common/plural.js';
import type { Pixels } from '../image/pixels.js';
import type { Warning } from './warning.js';

/** Finds images that are in several splits, or labelled in several ways, by their pixels. */
export class SameImages {
  private readonly splitsOf = new Map<string, Map<string, string>>();

  private readonly labelsOf = new Map<string, Map<string, string>>();

  /** @param label what it shows, where that can be said in words */
  add(split: string, id: string, { data, width, height }: Pixels, label?: string): void {
    const key = `${width}x${height} ${sha256(data)}`;
    const splits = this.splitsOf.get(key) ?? new Map<string, string>();
    splits.set(split, id);
    this.splitsOf.set(key, splits);
    if (label === undefined) return;
    const labels = this.labelsOf.get(key) ?? new Map<string, string>();
    labels.set(label, labels.get(label) ?? `${split} ${id}`);
    this.labelsOf.set(key, labels);
  }

  /** One warning for each two splits, and one for images of two classes. */
  warnings(): Warning[] {
    return [...this.inSplits(), ...this.inClasses()];
  }

  private inClasses(): Warning[] {
    const twice = [...this.labelsOf.values()].filter(({ size }) => size > 1);
    if (twice.length === 0) return [];
    const [first] = twice.map((labels) => [...labels].map(([label, where]) => `${where} is ${label}`).sort().join(', ')).sort(); // prettier-ignore
    const message = `${plural(twice.length, 'image')} ${twice.length > 1 ? 'have' : 'has'} several classes: ${first}`;
    return [{ kind: 'two-classes', split: null, message }];
  }

  private inSplits(): Warning[] {
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
