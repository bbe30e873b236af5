import type tf from '../../common/tf.cjs';
import { z } from 'zod';
import { classesSchema, networkSchema } from '../../models/checkpoint-config.js';
import type { Parameter } from '../../models/network.js';
import type { StateDict, StateValues } from '../../models/state-dict.js';

export const count = z.int().nonnegative();

/** What the config of every adaptor says; docs/formats.md explains it field by field. */
export const commonFields = {
  version: z.literal(1),
  /** The level that it is for: `jpeg=10`. */
  level: z.string().min(1),
  /** Content hash of the base that it was trained from. */
  base: z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256'),
  /** The base's, for messages and tables. */
  network: networkSchema,
  classes: classesSchema,
  /** Values that it holds: the sum of its parts' sizes. */
  parameters: count,
  /** As the user wrote it, and what that allowed. */
  budget: z.strictObject({ text: z.string(), parameters: count }),
  /** How it was made; free in form. */
  training: z.record(z.string(), z.unknown()),
};

/** What files without classes leave out. */
export type CommonConfig = Omit<z.infer<z.ZodObject<typeof commonFields>>, 'classes'> & {
  format: string;
  classes?: z.infer<typeof classesSchema>;
};

/** Some of an adaptor's own tensors, which are counted together. */
export interface AdaptorPart {
  name: string;
  /** Names of the tensors. */
  tensors: string[];
  /** Values in all of them. */
  size: number;
}

/** The base's own values of a tensor, in the reference's layout unless said; undefined where it has none of that name. */
export type BaseValues = (name: string) => StateValues | undefined;

/** How adaptors hold what they change of a base: one file of this folder each. */
export interface AdaptorKind<Config extends CommonConfig = CommonConfig> {
  /** Of its files: `PREFIX_config.json` and `PREFIX.safetensors`. */
  prefix: string;
  /** Of the config, with a `format` of its own. */
  schema: z.ZodType<Config>;
  /** Its own tensors, in their order. */
  parts(config: Config): AdaptorPart[];
  /**
   * Shapes that its own tensors have on a base, by their names, in the reference's layout; undefined for one that is of no use there.
   *
   * @param shapeOf the base's tensors' shapes
   */
  shapes(config: Config, shapeOf: (name: string) => readonly number[] | undefined): Map<string, number[] | undefined>;
  /** Names of the base's tensors that it changes. */
  changes(config: Config): string[];
  /**
   * The values that stand in the place of the base's, by their names.
   *
   * @param own its own tensors
   */
  merge(config: Config, own: StateDict, base: BaseValues): StateDict;
  /**
   * Its own tensors where it goes a share of the way from the base: `base + share (adaptor - base)`.
   *
   * @param own its own tensors
   * @source Wortsman et al., Robust fine-tuning of zero-shot models (CVPR 2022): weights between a network and its fine-tune
   */
  scale(config: Config, own: StateDict, share: number, base: BaseValues): StateDict;
  /**
   * Its own tensors in TensorFlow's layout, as they are held in memory beside a network of its base.
   *
   * @param parameterOf the network's
   * @param base the base's tensors, in TensorFlow's layout
   */
  place(
    config: Config,
    own: StateDict,
    parameterOf: (name: string) => Parameter,
    base: BaseValues,
  ): Map<string, StateValues>;
  /**
   * As {@link merge} on the running engine, with the same numbers to the bit. What it gives is held already, or new and the caller's.
   *
   * @param held what {@link place} gave, on the engine
   * @param base the network's own tensors, in TensorFlow's layout
   */
  mergeTensors(config: Config, held: Tensors, base: (name: string) => tf.Tensor): Tensors;
}

/** Tensors by name. This folder loads no engine, as it is read by processes without any: ops on these are their own methods. */
export type Tensors = ReadonlyMap<string, tf.Tensor>;

/** A sum of sizes that a config has to agree with. */
export function sumOf(parts: readonly { size: number }[]): number {
  return parts.reduce((sum, { size }) => sum + size, 0);
}
