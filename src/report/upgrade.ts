import { averagesOf } from './averages.js';
import { memberSizes } from './group-sizes.js';
import type { MethodInfo, Results } from './results.js';

/** What experiments compared before their results listed it. */
export const FIRST_METHODS: MethodInfo[] = [
  {
    name: 'original',
    kind: 'original',
    description: 'the base, trained on clean images, at every level',
    resident: 'network',
    options: {},
  },
  {
    name: 'adaptor',
    kind: 'adaptor',
    description: "the base with that level's few adapted weights",
    resident: 'adaptors',
    options: {},
  },
  {
    name: 'switching',
    kind: 'switching',
    description: 'a whole network fine-tuned for each level',
    resident: 'networks',
    options: {},
  },
];

/**
 * Results as they were written before methods were listed, brought into the form of now; others as they are.
 *
 * What the schema refuses stays wrong, for the schema to name.
 */
export function upgradeResults(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || 'methods' in value) return value;
  const old = value as Pick<Results, 'levels' | 'rows' | 'splits' | 'averages'>;
  if (![old.levels, old.rows, old.splits].every(Array.isArray)) return value;
  const methods = FIRST_METHODS;
  try {
    return {
      ...old,
      methods,
      averages: old.averages && averagesOf({ ...old, methods }),
      choices: old.splits.map((split) => ({
        method: 'adaptor',
        level: split.level,
        items: split.items,
        size: split.size,
        groups: memberSizes(split),
      })),
    };
  } catch {
    return value;
  }
}
