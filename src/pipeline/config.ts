import { z } from 'zod';
import { GRANULARITIES } from '../select/item.js';
import { INPUTS } from '../frequency/inputs.js';
import { methodsSchema } from './methods/entry.js';
import { budgetText } from './methods/shared-options.js';
import { STANDARD_METHODS } from './methods/registry.js';
import { count, finetuneSchema, trainingSchema } from './training-config.js';

const precision = z.enum(['fp32', 'bf16']);
const samples = z.string().min(1);

const base = z
  .strictObject({
    checkpoint: z.string().min(1).optional().describe('folder of a checkpoint to take as it is'),
    train: trainingSchema.optional().describe('how to train one'),
  })
  .refine(({ checkpoint, train }) => (checkpoint === undefined) !== (train === undefined), {
    message: 'expected either `checkpoint` or `train`',
  });

const rates = z.strictObject({
  candidates: z
    .array(z.number().positive())
    .min(1)
    .describe('learning rates to try, for whole networks and adaptors alike'),
  levels: z
    .array(z.string())
    .min(1)
    .describe('levels to try them at, of those in `levels`; every other level uses the nearest of these in that list'),
  train: samples.describe('positions `FROM:TO` among the training samples to train the trials on'),
  validate: samples.describe('positions `FROM:TO` among the training samples to measure them on'),
  epochs: count.optional().describe('of each trial. Default: those of `finetune`'),
});

const frames = z.strictObject({
  samples: z.int().min(0).default(3).describe('validation images to show'),
  levels: z.array(z.string()).optional().describe('levels to show them at. Default: the first and the middle one'),
});

const frequency = z.strictObject({
  samples: samples
    .default('0:')
    .describe('positions `FROM:TO` among the validation samples to measure on. Default: all'),
  levels: z.array(z.string()).min(1).optional().describe('levels whose networks to measure. Default: all'),
  methods: z.array(z.string()).min(1).optional().describe('names of the methods to measure. Default: all'),
  inputs: z
    .array(z.enum(INPUTS))
    .min(1)
    .default([...INPUTS])
    .describe('images to measure on: `clean`, and `distorted` at the level'),
});

const intervals = z.strictObject({
  block: count.default(10).describe('neighbouring images that are drawn together'),
  resamples: z.int().min(100).default(2000).describe('times that images are drawn anew'),
});

const alternation = z.strictObject({
  bursts: z
    .array(count)
    .min(1)
    .default([1, 5])
    .describe('frames of one level in a row; a sequence at one level throughout is what the table shows'),
});

const unseen = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.+-]+$/, 'expected letters, digits, `-`, `_`, `.` and `+`')
    .describe('its name in tables, such as that of a drive'),
  samples: samples.describe('samples that nothing is trained on, such as `all[drive=0006R0]`'),
  agreement: z
    .boolean()
    .default(false)
    .describe('measure by what the base answers on the clean images too, beside the labels'),
});

export const experimentName = z
  .string()
  .regex(/^[\w.-]+$/, 'expected letters, digits, `-`, `_` and `.`')
  .describe('its name, for titles and folders');

/** An experiment's config file. docs/config.md is written from it. */
export const configSchema = z.strictObject({
  experiment: experimentName,
  data: z
    .string()
    .min(1)
    .describe(
      'dataset: `camvid:DIR`, `cityscapes:DIR`, `coco:DIR`, `imagefolder:DIR`, `images:DIR`, `list:DIR`, `pennfudan:DIR` or `scenes:SEED`',
    ),
  train: samples.default('train').describe('samples to train on: a split, or part of one as in `train[0:300]`'),
  validate: samples.default('val').describe('samples to evaluate on, likewise'),
  unseen: z
    .array(unseen)
    .default([])
    .describe(
      'further samples that every method is measured on, beside `validate`, each with its gains over the original',
    ),
  base: base.describe('the network trained on clean images'),
  levels: z
    .array(z.string())
    .min(1)
    .describe('levels of distortion, in the order they are worked on and shown in: write the most distorted first'),
  budget: budgetText
    .default('0.2%')
    .describe('what an adaptor may hold: a share of the network, or a number of parameters'),
  granularity: z.enum(GRANULARITIES).default('tensor').describe('what the knapsack chooses among'),
  methods: methodsSchema
    .prefault([...STANDARD_METHODS])
    .describe('what to compare, in the order of the tables: names, or objects with options; see below'),
  finetune: finetuneSchema.describe('how whole networks and adaptors are fine-tuned'),
  rates: rates.optional().describe('chooses the learning rates by trial on part of the training samples'),
  inferSize: z
    .enum(['received', 'original'])
    .default('received')
    .describe(
      'how networks are trained and run at levels of `resolution`: on pictures as `received`, the output brought to the size of the labels, or on pictures enlarged to the `original` size',
    ),
  precision: z
    .strictObject({
      train: precision.default('fp32').describe('of training'),
      evaluate: precision.default('fp32').describe('of evaluation'),
    })
    .prefault({})
    .describe('arithmetic of the heavy operations'),
  engine: z
    .enum(['tensorflow', 'wasm', 'cpu'])
    .optional()
    .describe('what computes. Default: the fastest that is installed'),
  threads: count.optional().describe("the engine's threads. Default: one per core"),
  sameMachine: z
    .boolean()
    .default(false)
    .describe(
      'take results only of machines of one kind: processor, graphics card, version of the engine and number of threads are then part of what results are found by',
    ),
  workers: count.default(1).describe('threads that decode images; results do not depend on it'),
  seed: z.int().nonnegative().default(0).describe('of everything random'),
  seeds: z
    .array(z.int().nonnegative())
    .min(1)
    .optional()
    .describe('repeats fine-tunes and random choices with each of these beside `seed`; tables show those of `seed`'),
  intervals: intervals
    .prefault({})
    .describe('how sure differences from the adaptor are: a paired bootstrap over blocks of images'),
  frequency: frequency.optional().describe('measures which spatial frequencies the networks look at. Default: not'),
  alternation: alternation
    .optional()
    .describe('shows methods that adapt while answering sequences whose level changes. Default: not'),
  frames: frames.prefault({}).describe('example images in the report'),
});

export type ExperimentConfig = z.infer<typeof configSchema>;
