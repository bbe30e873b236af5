import { z } from 'zod';
import { classesSchema } from '../../models/checkpoint-config.js';
import type { StateDict, StateValues } from '../../models/state-dict.js';
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

/** The two factors of one convolution's change: a convolution to `rank` channels, and one by one back from them. */
export interface Factors {
  /** `[rank, in, height, width]` */
  down: StateValues;
  /** `[out, rank, 1, 1]` */
  up: StateValues;
}

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
    new Map(
      ranks.map(({ name }) => [
        name,
        addProduct(base(name)!, { down: own.get(downOf(name))!, up: own.get(upOf(name))! }),
      ]),
    ),
};

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

/**
 * A convolution's weight and the product of its factors: `w[o, i, y, x] + sum_r up[o, r] down[r, i, y, x]`.
 *
 * @param weight `[out, in, height, width]`
 */
export function addProduct(weight: StateValues, { down, up }: Factors): StateValues {
  const [rank] = down.shape as [number];
  const inside = down.data.length / rank;
  const data = Float32Array.from(weight.data, (value, at) => {
    const [o, i] = [Math.floor(at / inside), at % inside];
    let change = 0;
    // In single precision at every step, as training computes it.
    for (let r = 0; r < rank; r++) {
      change = Math.fround(change + Math.fround(up.data[o * rank + r]! * down.data[r * inside + i]!));
    }
    return value + change;
  });
  return { shape: weight.shape, data };
}
