import { z } from 'zod';
import { toTensorflow } from '../../models/layout.js';
import type { StateDict, StateValues } from '../../models/state-dict.js';
import { type AdaptorKind, type BaseValues, commonFields, count, sumOf } from './kind.js';

const schema = z
  .strictObject({
    format: z.literal('gearnn-changes'),
    ...commonFields,
    /** The changed items, in the network's order. */
    items: z.array(z.strictObject({ name: z.string(), tensors: z.array(z.string()).min(1), size: count })),
  })
  .refine(({ items, parameters }) => sumOf(items) === parameters, {
    path: ['parameters'],
    message: "not the sum of the items' sizes",
  });

export type ChangesConfig = z.infer<typeof schema>;

/** What whole tensors, those of a split's items, differ from the base's by: small numbers, which few bits hold well. */
export const changes: AdaptorKind<ChangesConfig> = {
  prefix: 'changes',
  schema,
  parts: (config) => config.items,
  shapes: (config, shapeOf) => new Map(namesOf(config).map((name) => [name, shapeOf(name)?.slice()])),
  changes: namesOf,
  merge: (_, own, base) => sums(own, base),
  scale: (_, own, share) =>
    new Map([...own].map(([name, { shape, data }]) => [name, { shape, data: data.map((value) => share * value) }])),
  // Added once, when it comes into memory: a swap takes as long as that of whole tensors.
  place: (_, own, parameterOf, base) =>
    sums(
      new Map(
        [...own].map(([name, { data }]): [string, StateValues] => {
          const parameter = parameterOf(name);
          return [name, { shape: parameter.variable.shape, data: toTensorflow(data, parameter) }];
        }),
      ),
      base,
    ),
  mergeTensors: (_, held) => held,
};

/** The base's tensors and what they change by. */
function sums(own: StateDict, base: BaseValues): StateDict {
  return new Map(
    [...own].map(([name, { shape, data }]) => {
      const before = base(name)!.data;
      return [name, { shape, data: data.map((value, i) => before[i]! + value) }];
    }),
  );
}

function namesOf(config: ChangesConfig): string[] {
  return config.items.flatMap(({ tensors }) => tensors);
}
