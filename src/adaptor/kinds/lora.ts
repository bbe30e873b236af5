import type tf from '../../common/tf.cjs';
import { z } from 'zod';
import { classesSchema } from '../../models/checkpoint-config.js';
import type { StateDict, StateValues } from '../../models/state-dict.js';
import { addProduct, addProductTensor, type Factors, toMatrices } from './factors.js';
import { type AdaptorKind, commonFields, count, sumOf } from './kind.js';

const schema = z
  .strictObject({
    format: z.literal('gearnn-lora'),
    ...commonFields,
    /** Not in files of before these could be served. */
    classes: classesSchema.optional(),
    /** Changed convolutions, in the network's order; their sizes are of both factors. */
    ranks: z.array(z.strictObject({ name: z.string(), rank: z.int().positive(), size: count })),
  })
  .refine(({ ranks, parameters }) => sumOf(ranks) === parameters, {
    path: ['parameters'],
    message: "not the sum of the factors' sizes",
  });

export type LoraConfig = z.infer<typeof schema>;

/** Low-rank changes of convolutions: each weight plus the product of its factors `NAME.down` and `NAME.up`. */
export const lora: AdaptorKind<LoraConfig> = {
  prefix: 'lora',
  schema,
  parts: ({ ranks }) => ranks.map(({ name, size }) => ({ name, tensors: [downOf(name), upOf(name)], size })),
  shapes({ ranks }, shapeOf) {
    const shapes = new Map<string, number[] | undefined>();
    for (const { name, rank } of ranks) {
      const shape = shapeOf(name);
      const [out, ...inside] = shape?.length === 4 ? shape : [];
      shapes.set(downOf(name), out === undefined ? undefined : [rank, ...inside]);
      shapes.set(upOf(name), out === undefined ? undefined : [out, rank, 1, 1]);
    }
    return shapes;
  },
  changes: ({ ranks }) => ranks.map(({ name }) => name),
  merge: ({ ranks }, own, base) =>
    new Map(ranks.map(({ name }) => [name, addProduct(base(name)!, factorsOf(own, name))])),
  scale({ ranks }, own, share) {
    const scaled = new Map(own);
    for (const { name } of ranks) {
      const { shape, data } = own.get(upOf(name))!;
      scaled.set(upOf(name), { shape, data: data.map((value) => share * value) });
    }
    return scaled;
  },
  // Merged, an adaptor of 0.2% is half a network, and one of 1% a whole one: factors are held, and merged when they are swapped in.
  place: ({ ranks }, own) =>
    new Map(
      ranks.flatMap(({ name }): [string, StateValues][] => {
        const { down, up } = toMatrices(factorsOf(own, name));
        return [
          [downOf(name), down],
          [upOf(name), up],
        ];
      }),
    ),
  mergeTensors: ({ ranks }, held, base) =>
    new Map(
      ranks.map(({ name }) => {
        const [down, up] = [downOf(name), upOf(name)].map((part) => held.get(part) as tf.Tensor2D);
        return [name, addProductTensor(base(name), { down: down!, up: up! })];
      }),
    ),
};

function factorsOf(own: StateDict, name: string): Factors {
  return { down: own.get(downOf(name))!, up: own.get(upOf(name))! };
}

/** Factors as an adaptor's own tensors. */
export function factorTensors(factors: ReadonlyMap<string, Factors>): StateDict {
  return new Map(
    [...factors].flatMap(([name, { down, up }]): [string, StateValues][] => [
      [downOf(name), down],
      [upOf(name), up],
    ]),
  );
}

const downOf = (name: string): string => `${name}.down`;
const upOf = (name: string): string => `${name}.up`;
