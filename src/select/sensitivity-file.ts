import { z } from 'zod';
import { readJsonFile } from '../common/json-file.js';
import type { KnapsackItem } from './knapsack-item.js';

// Signs and whole sizes are the knapsack's to check; more fields, such as those in a split file, are passed over.
const schema = z
  .array(z.object({ name: z.string(), value: z.number(), size: z.number() }))
  .superRefine((items, context) => {
    const known = new Map<string, number>();
    for (const [i, { name }] of items.entries()) {
      const first = known.get(name);
      if (first !== undefined) {
        context.addIssue({ code: 'custom', path: [i, 'name'], message: `items ${first} and ${i} are both "${name}"` });
      }
      known.set(name, i);
    }
  });

/** A knapsack's item by name. */
export type NamedItem = KnapsackItem & { name: string };

/**
 * Reads sensitivities measured elsewhere: `[{"name", "value", "size"}, ...]`.
 *
 * @throws E_SPLIT if the file is missing or not such a list, naming the field that is wrong
 */
export function readSensitivities(path: string): Promise<NamedItem[]> {
  return readJsonFile(path, schema, {
    code: 'E_SPLIT',
    expected: 'a list of {"name", "value", "size"}',
    todo: 'Give every item a name, a sensitivity and a number of parameters.',
  });
}
