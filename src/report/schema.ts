import { z } from 'zod';
import { machineSchema } from '../engine/machine.js';
import { INPUTS } from '../frequency/inputs.js';
import { GRANULARITIES } from '../select/item.js';
import { RESIDENTS } from '../select/memory.js';
import { splitSummarySchema } from '../select/split-summary.js';
import { metricInfo } from './metrics.js';
import { partSchema } from './part-schema.js';
import { alternationSchema, keptSchema } from './serving-schema.js';

export const FORMAT = 'gearnn-results';
export const VERSION = 1;

/** A value per band of frequencies. */
function byBand<T extends z.ZodType>(value: T) {
  return z.strictObject({ low: value, mid: value, high: value });
}

const count = z.int().nonnegative();
const share = z.number().min(0).max(1);
const byte = z.int().min(0).max(255);
/** A method's name as tables show it. */
const method = z.string().min(1);

/** One cell of the table: a method at a level. */
const rowSchema = z.strictObject({
  /** Name of one of `methods`. */
  method,
  /** `clean`, of the base alone, is there for comparison and in no average. */
  level: z.string().min(1),
  /** By metric; null where there is nothing to say. */
  scores: z.record(z.string(), z.number().nullable()),
  /** The metric that tables, plots and averages are of. */
  primary: z.string().min(1),
  /** Of segmentation, per class; null where a class occurs in neither truth nor prediction. */
  iou: z.array(share.nullable()).optional(),
  /** Resident while this method serves this level alone: the whole network, or base and adaptor. */
  parameters: count,
});

/** A method that was compared. */
const methodSchema = z.strictObject({
  /** As tables show it; unique. */
  name: method,
  /** What it is: `adaptor`, `switching`, `mixed`; the same method may stand twice with other options. */
  kind: z.string().min(1),
  description: z.string(),
  resident: z.enum(RESIDENTS),
  /** As the config gives them. */
  options: z.record(z.string(), z.unknown()),
});

/** Which items a method took at a level. */
const choiceSchema = z.strictObject({
  method,
  level: z.string().min(1),
  /** Names of the chosen items. */
  items: z.array(z.string()),
  /** Parameters of the chosen items, together and by group. */
  size: count,
  groups: z.strictObject({ statistics: count, normalization: count, convolution: count }),
});

const frequencySchema = z.strictObject({
  method,
  /** That the network is for. */
  level: z.string().min(1),
  input: z.enum(INPUTS),
  images: z.int().positive(),
  width: z.int().positive(),
  height: z.int().positive(),
  /** Mean over the images. */
  loss: z.number(),
  /** Sum of the mean absolute gradients of all coefficients, per gray level. */
  total: z.number().nonnegative(),
  /** Share of the total, and mean per coefficient, of each band of radial frequencies. */
  shares: byBand(share),
  bands: byBand(z.number().nonnegative()),
  /** Mean per coefficient in 32 equal steps of radial frequency; null where a small image has none. */
  radial: z.array(z.number().nonnegative().nullable()),
  /** Relative change of each band's mean from the original's on the same images; null for the original itself. */
  change: byBand(z.number().nullable()).nullable(),
});

const trialSchema = z.strictObject({
  /** Of whole networks, `switching`, or of adaptors, `adaptor`. */
  method: z.enum(['switching', 'adaptor']),
  level: z.string(),
  learningRate: z.number().positive(),
  /** The primary one, on the slice of the training data that was held out; null where the loss ceased to be finite. */
  score: z.number().nullable(),
  /** Used at this level, and at those that are nearest to it. */
  chosen: z.boolean(),
});

/** `results.json`; docs/formats.md explains it field by field. */
const contents = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  experiment: z.string().min(1),
  /** `drn-d-22` */
  network: z.string().min(1),
  width: z.number().positive(),
  classes: z.array(
    z.strictObject({ name: z.string(), color: z.tuple([byte, byte, byte]), unused: z.literal(true).optional() }),
  ),
  /** Levels of the experiment, also those that have no rows yet. */
  levels: z.array(z.string()).min(1),
  /** In the order of every table. */
  methods: z.array(methodSchema).min(1),
  rows: z.array(rowSchema),
  /** Scores that tables and charts are of, where it is not the primary one alone. */
  compared: z.array(z.string()).min(2).optional(),
  /** Over the levels that every method has a row of; null before there is one. */
  averages: z
    .strictObject({
      levels: z.array(z.string()).min(1),
      /** Of the primary score, by method. */
      means: z.record(z.string(), z.number()),
      /** By method, how much better than the mean of the original, of switching, of the control, in points (0..100); null where that is not compared. */
      points: z.record(
        z.string(),
        z.strictObject({
          overOriginal: z.number().nullable(),
          overSwitching: z.number().nullable(),
          /** Where a control is compared. */
          overControl: z.number().optional(),
        }),
      ),
    })
    .nullable(),
  /** How far results depend on the seed, where the experiment is repeated with several; all else here is of the first. */
  seeds: z
    .strictObject({
      list: z.array(count).min(2),
      scores: z.array(
        z.strictObject({
          method,
          /** Null for the mean over the levels of `averages`. */
          level: z.string().min(1).nullable(),
          /** Which score. Default: the primary one. */
          score: z.string().optional(),
          /** That score by seed, in the order of the list. */
          values: z.array(z.number()),
          mean: z.number(),
          /** Standard deviation of one seed's score, estimated from these. */
          deviation: z.number().nonnegative(),
        }),
      ),
    })
    .optional(),
  /** Of each method's mean over the adaptor's and over the control's, in points; none where counts per image are missing. */
  intervals: z
    .array(
      z.strictObject({
        method,
        /** Name of the adaptor or of the control. */
        against: method,
        /** Which score it is of. Default: the primary one. */
        score: z.string().optional(),
        points: z.number(),
        /** 95% of the draws lie between. */
        low: z.number(),
        high: z.number(),
        /** Neighbouring images that are drawn together, and the number of draws. */
        block: z.int().positive(),
        resamples: z.int().positive(),
      }),
    )
    .default([]),
  /** The validation samples and those that nothing was trained on, side by side; where the experiment names such. */
  parts: z.array(partSchema).optional(),
  memory: z.array(
    z.strictObject({
      method,
      networks: count,
      adaptors: count,
      parameters: count,
      /** Over the original network, in percent. */
      overhead: z.number(),
    }),
  ),
  budget: z.strictObject({ text: z.string(), parameters: count, granularity: z.enum(GRANULARITIES) }),
  /** Of the adaptor: what every item is worth at each level, and what was chosen. */
  splits: z.array(splitSummarySchema),
  /** Of every method that chooses items. */
  choices: z.array(choiceSchema),
  /** Of methods whose adaptors have to win first. */
  kept: keptSchema.optional(),
  /** Of methods that adapt while answering. */
  alternation: alternationSchema.optional(),
  /** Learning rates as they were used. */
  training: z.array(
    z.strictObject({
      method,
      /** Null where one network serves all levels. */
      level: z.string().nullable(),
      learningRate: z.number().positive(),
      /** 0 where nothing was trained. */
      epochs: z.int().nonnegative(),
      /** Mean loss of the last epoch. */
      loss: z.number().nullable(),
      /** Share of the steps that weights are averaged over, where they are. */
      average: share.optional(),
      seconds: z.number().nonnegative(),
    }),
  ),
  /** Learning rates as they were tried; empty where the config names them. */
  rates: z.array(trialSchema),
  /** What the networks look at; empty where it was not measured. */
  frequency: z.array(frequencySchema).default([]),
  data: z.strictObject({
    name: z.string(),
    train: z.strictObject({ split: z.string(), samples: count }),
    validate: z.strictObject({ split: z.string(), samples: count }),
    /** Nothing is labelled: answers are compared with the base's own on the clean images. */
    agreement: z.literal(true).optional(),
  }),
  environment: z.strictObject({
    gearnn: z.string(),
    node: z.string(),
    engine: z.string(),
    /** Of the engine's native library. */
    engineVersion: z.string(),
    tfjs: z.string(),
    precision: z.strictObject({ train: z.string(), evaluate: z.string() }),
    threads: z.int().positive(),
    /** Processor of the machine that put the results together. */
    cpu: z.string(),
    /** What the steps ran on, with how many ran there; null for steps from before that was kept. Empty where the results are older. */
    machines: z.array(z.strictObject({ machine: machineSchema.nullable(), steps: z.int().positive() })).default([]),
  }),
  /** What makes these results again. */
  commands: z.array(z.string()),
});

/** The contents, each row of a method that is listed, with a primary score that its metric can have. */
export const contentsSchema = contents.superRefine(({ methods, rows }, { addIssue }) => {
  const names = new Set(methods.map(({ name }) => name));
  rows.forEach(({ method, level, scores, primary }, i) => {
    const refuse = (field: string, message: string): void =>
      addIssue({ code: 'custom', path: ['rows', i, field], message });
    if (!names.has(method) && !(level === 'clean' && method === 'original')) {
      refuse('method', `"${method}" is none of the methods`);
    }
    if (primary !== rows[0]!.primary) refuse('primary', `"${primary}" is not that of the first row`);
    const score = scores[primary];
    if (score === undefined) refuse('scores', `"${primary}" is not among them`);
    if (typeof score !== 'number') return;
    if (score < 0 || (score > 1 && !metricInfo(primary).isDistance)) refuse('scores', `${score} is no ${primary}`);
  });
});

export type Results = z.infer<typeof contentsSchema>;
export type ResultRow = z.infer<typeof rowSchema>;
export type MethodInfo = z.infer<typeof methodSchema>;
export type FrequencyRow = z.infer<typeof frequencySchema>;
export type { PartResults } from './part-schema.js';
export type Choice = z.infer<typeof choiceSchema>;
