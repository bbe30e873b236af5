import { z } from 'zod';
import { toTensorflow } from '../../models/layout.js';
import { type AdaptorKind, commonFields, count, sumOf } from './kind.js';

const schema = z
  .strictObject({
    format: z.literal('gearnn-adaptor'),
    ...commonFields,
    /** The chosen items, in the network's order. */
    items: z.array(z.strictObject({ name: z.string(), tensors: z.array(z.string()).min(1), size: count })),
  })
  .refine(({ items, parameters }) => sumOf(items) === parameters, {
    path: ['parameters'],
    message: "not the sum of the items' sizes",
  });

export type ItemsConfig = z.infer<typeof schema>;

/** Whole tensors, those of a split's items, in the place of the base's. */
export const items: AdaptorKind<ItemsConfig> = {
  prefix: 'adaptor',
  schema,
  parts: (config) => config.items,
  shapes: (config, shapeOf) => new Map(namesOf(config).map((name) => [name, shapeOf(name)?.slice()])),
  changes: namesOf,
  merge: (_, own) => own,
  scale: (_, own, share, base) =>
    new Map(
      [...own].map(([name, { shape, data }]) => {
        const before = base(name)!.data;
        return [name, { shape, data: data.map((value, i) => before[i]! + share * (value - before[i]!)) }];
      }),
    ),
  place: (_, own, parameterOf) =>
    new Map(
      [...own].map(([name, { data }]) => {
        const parameter = parameterOf(name);
        return [name, { shape: parameter.variable.shape, data: toTensorflow(data, parameter) }];
      }),
    ),
  mergeTensors: (_, held) => held,
};

function namesOf(config: ItemsConfig): string[] {
  return config.items.flatMap(({ tensors }) => tensors);
}
