import { canonicalJson } from '../common/files.js';
import type { Results } from '../report/schema.js';
import type { Stamp } from './stamp.js';

/** The machines that steps ran on, in the order in which they first appear, with how many ran on each; those that are not known last. */
export function machinesOf(stamps: readonly Pick<Stamp, 'machine'>[]): Results['environment']['machines'] {
  const known = new Map<string, Results['environment']['machines'][number]>();
  for (const { machine = null } of stamps) {
    const key = canonicalJson(machine);
    const entry = known.get(key) ?? { machine, steps: 0 };
    known.set(key, { machine, steps: entry.steps + 1 });
  }
  return [...known.values()].sort((a, b) => Number(a.machine === null) - Number(b.machine === null));
}
