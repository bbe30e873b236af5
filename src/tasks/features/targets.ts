import { fail } from '../../common/errors.js';
import type { Collated, Values } from '../arrays.js';
import type { Targets } from '../task.js';

/** What a network puts out for one image: arrays `[1, ...]` by the outputs' names. */
export type Features = Collated;

/** Outputs of another network, compared number by number; no data are labelled with them. */
export const features: Targets<Features, 'features'> = {
  name: 'features',
  noun: 'outputs of a network',
  labelFiles: false,
  // What a crop would come to only the network knows.
  place: (target) => target,
  collate,
  unknown: () => ({}),
  isTaught: (collated) => Object.keys(collated).length > 0,
  ids: () => [],
};

function collate(targets: readonly Features[], names: readonly string[]): Collated {
  return Object.fromEntries(
    Object.entries(targets[0] ?? {}).map(([name, { dtype, shape }]): [string, Values] => {
      const all = targets.map((target, i) => {
        const values = target[name];
        if (values && String(values.shape) === String(shape)) return values.data;
        return fail('E_DATA_SIZE', {
          where: names[i]!,
          expected: `${name} of shape [${shape}], as the batch's first`,
          got: values ? `[${values.shape}]` : 'none',
          todo: 'Use a batch of 1, or images of one size.',
        });
      });
      const size = all[0]!.length;
      const data = dtype === 'int32' ? new Int32Array(size * all.length) : new Float32Array(size * all.length);
      all.forEach((part, i) => data.set(part, i * size));
      return [name, { dtype, shape: [targets.length, ...shape.slice(1)], data }];
    }),
  );
}
