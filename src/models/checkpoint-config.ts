import { z } from 'zod';
import type { Size } from '../image/resize.js';
import { TASK_NAMES } from '../tasks/names.js';
import { MOST_CLASSES, type Network } from './network.js';
import { onnxSchema } from './onnx/config.js';

/** Of a picture's side, as a network sees it. */
const MOST_PIXELS = 16384;

const byte = z.int().min(0).max(255);
const perChannel = z.tuple([z.number(), z.number(), z.number()]);

/** A network before its weights, as checkpoints and adaptors name it. */
export const networkSchema = z.strictObject({
  name: z.string().min(1),
  classes: z.int().min(1).max(MOST_CLASSES),
  width: z.number().positive().max(4),
  /** What normalizations add to variances; absent: the network's own. */
  epsilon: z.number().nonnegative().optional(),
});

/** Class names and colours, in the order of their ids. */
export const classesSchema = z
  .array(
    z.strictObject({ name: z.string().min(1), color: z.tuple([byte, byte, byte]), unused: z.literal(true).optional() }),
  )
  .min(1);

const fitSchema = z
  .strictObject({ resize: z.int().min(1).max(MOST_PIXELS), crop: z.int().min(1).max(MOST_PIXELS) })
  .refine(({ resize, crop }) => crop <= resize, 'crop is larger than resize');

const sidesSchema = z
  .strictObject({ shortest: z.int().min(1).max(MOST_PIXELS), longest: z.int().min(1).max(MOST_PIXELS) })
  .refine(({ shortest, longest }) => shortest <= longest, 'shortest is larger than longest');

/** How weights are stored: as they are, or convolutions and their biases rounded to fp16. */
export const STORAGES = ['fp32', 'fp16'] as const;
export type Storage = (typeof STORAGES)[number];

/** What `config.json` holds; docs/formats.md explains it field by field. */
export const checkpointSchema = z
  .strictObject({
    format: z.literal('gearnn-checkpoint'),
    version: z.literal(1),
    network: networkSchema,
    classes: classesSchema,
    /** What the network is for; absent: segmentation. */
    task: z.enum(TASK_NAMES).optional(),
    /** The id of pixels that count nowhere; -1 where everything counts. */
    ignore: z.int().min(-1).max(255),
    /** The network sees `(pixel / 255 - mean) / std`, per channel, of pictures that are resized and cut where `fit` is there. */
    preprocessing: z.strictObject({
      mean: perChannel,
      std: perChannel.refine(nonZero, 'a zero'),
      fit: fitSchema.optional(),
      sides: sidesSchema.optional(),
    }),
    storage: z.enum(STORAGES),
    /** Of a network out of an ONNX file, which lies beside it as `model.onnx`. */
    onnx: onnxSchema.optional(),
    /** How it was made, for people and for the pipeline; free in form. */
    training: z.record(z.string(), z.unknown()),
  })
  .refine(({ network, classes }) => network.classes === classes.length, {
    path: ['classes'],
    message: 'as many classes as network.classes says',
  })
  .refine(({ network, onnx }) => (network.name === 'onnx') === (onnx !== undefined), {
    path: ['onnx'],
    message: 'a section onnx where network.name is onnx, and nowhere else',
  });

export type CheckpointConfig = z.infer<typeof checkpointSchema>;

/** What a checkpoint says of its network's task: nothing of segmentation, as there was no other once. */
export function storedTask({ task }: Pick<Network, 'task'>): Pick<CheckpointConfig, 'task'> {
  return task === 'segmentation' ? {} : { task };
}

/** Size of the images that a network was trained on; undefined where its checkpoint does not say it as `gearnn train` does. */
export function trainedSize({ training }: Pick<CheckpointConfig, 'training'>): Size | undefined {
  const settings = training['settings'] as { size?: unknown } | null | undefined;
  const match = /^([1-9][0-9]{0,4})x([1-9][0-9]{0,4})$/.exec(String(settings?.size));
  return match ? { height: Number(match[1]), width: Number(match[2]) } : undefined;
}

function nonZero(values: number[]): boolean {
  return values.every((value) => value !== 0);
}
