import { z } from 'zod';
import { STORAGES } from '../models/checkpoint-config.js';
import { FINETUNE } from '../train/finetune.js';
import { OPTIMIZER_NAMES } from '../train/optimizers.js';
import { DEFAULTS } from '../train/run-options.js';
import { parseSchedule } from '../train/schedule.js';

/** A number of things, at least one. */
export const count = z.int().positive();
const size = z.string().regex(/^[1-9]\d{0,5}x[1-9]\d{0,5}$/, 'expected HEIGHTxWIDTH such as 224x320');
const scale = z.tuple([z.number().positive(), z.number().positive()]);
const schedule = z
  .string()
  .default('poly:0.9')
  .describe('how the rate falls: `poly`, `poly:POWER`, `step:EPOCHS`, `step:EPOCHS:FACTOR` or `constant`');

const optimizer = z.enum(OPTIMIZER_NAMES as ['sgd', 'adam']).optional();
const warmup = z.int().nonnegative().optional().describe('steps in which the rate rises from near 0. Default: none');
const clip = z
  .number()
  .positive()
  .optional()
  .describe('norm that the gradients, taken together, are brought to where they are above it. Default: they stay');
const steps = count
  .optional()
  .describe('optimizer steps of the whole run, in place of `epochs`: the last epoch may end early');

/** How a base is trained. */
export const trainingSchema = z.strictObject({
  model: z.string().describe('network: `drn-d-22`; `gearnn model list` names all'),
  width: z.number().positive().default(1).describe('factor on the channels of every layer'),
  epsilon: z
    .number()
    .nonnegative()
    .optional()
    .describe("what normalizations add to variances, 0 for torchvision's COCO weights. Default: the network's own"),
  init: z
    .string()
    .min(1)
    .optional()
    .describe('safetensors with first weights, of a part of the network or of all of it. Default: drawn'),
  size: size
    .optional()
    .describe(
      'height and width that images are cut to. Default: those of the first image; of a network that finds things, whole images at its `sides`',
    ),
  sides: z
    .string()
    .regex(/^[1-9]\d{0,4}:[1-9]\d{0,4}$/, 'expected SHORTEST:LONGEST such as 320:480')
    .optional()
    .describe(
      "of a network that finds things, pixels of the shorter side of an image, and the most of the longer one. Default: the network's own",
    ),
  fit: z
    .string()
    .regex(/^[1-9]\d{0,4}:[1-9]\d{0,4}$/, 'expected RESIZE:CROP such as 256:224')
    .optional()
    .describe(
      'how pictures of any size come to a network that classifies: `256:224` brings the shorter side to 256 pixels and cuts 224x224. Default: as they are',
    ),
  batch: count.default(DEFAULTS.batch).describe('samples per step'),
  flip: z.boolean().default(DEFAULTS.flip).describe('mirror every second image'),
  scale: scale.optional().describe('range of a random factor on the size of images. Default: none'),
  epochs: count.default(DEFAULTS.epochs).describe('times that every sample is seen'),
  steps,
  optimizer: optimizer.describe('how weights follow their gradients. Default: `sgd`'),
  learningRate: z.number().positive().default(DEFAULTS.learningRate).describe('at the first step'),
  schedule,
  warmup,
  clip,
  momentum: z.number().min(0).lt(1).default(DEFAULTS.momentum).describe('share of the last update that is kept'),
  weightDecay: z.number().min(0).default(DEFAULTS.weightDecay).describe('pull of every weight towards 0'),
  storage: z.enum(STORAGES).default('fp32').describe('how its weights are stored, and so rounded'),
});

/** What it leaves open is as the base was trained. */
export const finetuneSchema = z
  .strictObject({
    size: size.optional().describe('height and width that images are cut to. Default: as for the base'),
    batch: count.optional().describe('samples per step. Default: as for the base'),
    flip: z.boolean().optional().describe('mirror every second image. Default: as for the base'),
    scale: scale.optional().describe('range of a random factor on the size of images. Default: as for the base'),
    epochs: count.default(FINETUNE.epochs).describe('times that every sample is seen'),
    steps,
    optimizer: optimizer.describe('how weights follow their gradients. Default: `sgd`'),
    learningRate: z
      .strictObject({
        full: z.number().positive().default(FINETUNE.learningRate).describe('of whole networks'),
        adaptor: z.number().positive().default(FINETUNE.adaptorLearningRate).describe('of adaptors'),
      })
      .prefault({})
      .describe('at the first step; without effect where `rates` is given'),
    schedule,
    warmup,
    clip,
    momentum: z
      .number()
      .min(0)
      .lt(1)
      .optional()
      .describe('share of the last update that is kept. Default: as for the base'),
    weightDecay: z.number().min(0).optional().describe('pull of every weight towards 0. Default: as for the base'),
  })
  .prefault({});

export type TrainingConfig = z.infer<typeof trainingSchema>;
export type FinetuneConfig = z.infer<typeof finetuneSchema>;

/** Such settings as training takes them. */
export function readTexts<Config extends { size?: string; schedule: string }>({ size, schedule, ...rest }: Config) {
  const sides = size?.split('x').map(Number) as [height: number, width: number] | undefined;
  return { ...rest, size: sides, schedule: parseSchedule(schedule) };
}
