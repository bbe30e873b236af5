import { z } from 'zod';
import { HEAD_NAMES } from '../../detect/heads/names.js';
import type { TaskName } from '../../tasks/names.js';
import { INPUT_FITS } from './fits.js';

/** Of a picture's side, as a network sees it. */
const MOST_PIXELS = 16384;
const side = z.int().min(1).max(MOST_PIXELS);

/** How a picture becomes the network's input. */
export const onnxInputSchema = z.strictObject({
  /** The file's name of it. */
  name: z.string().min(1),
  /** Order of its axes. */
  layout: z.enum(['nchw', 'nhwc']),
  /** It takes one picture without an axis for the batch: `[channels, height, width]`, as torchvision's detectors do. */
  unbatched: z.literal(true).optional(),
  /** Order of its channels, in which mean and deviation are too; `gray`: one, the luminance. */
  channels: z.enum(['rgb', 'bgr', 'gray']),
  /** The only size that it takes; absent: any whose sides are multiples of `stride`. */
  size: z.strictObject({ height: side, width: side }).optional(),
  fit: z.enum(INPUT_FITS).optional(),
  stride: side,
});

/** What a checkpoint says of the ONNX file beside it. */
export const onnxSchema = z.strictObject({
  /** Name of the file that was imported. */
  file: z.string().min(1),
  /** Of `model.onnx` with its external data. */
  sha256: z.string().min(1),
  /** Paths of its external data, relative to it. */
  external: z.array(z.string().min(1)).optional(),
  input: onnxInputSchema,
  /** Outputs that are learned from and compared: any values of the graph. */
  compare: z.array(z.string().min(1)).min(1),
  /** What they hold: numbers as they are, or probabilities, which a task takes the logits of. */
  answer: z.enum(['logits', 'softmax', 'sigmoid']),
  /** Of a detector whose boxes are read: its kind, the output that they are in, and what goes. */
  head: z
    .strictObject({
      kind: z.enum(HEAD_NAMES),
      output: z.string().min(1),
      score: z.number().min(0).max(1),
      overlap: z.number().min(0).max(1),
    })
    .optional(),
});

export type OnnxInput = z.infer<typeof onnxInputSchema>;
export type OnnxConfig = z.infer<typeof onnxSchema>;

/** An ONNX file with what a network has to know of it. */
export interface OnnxSource extends Pick<OnnxConfig, 'input' | 'compare' | 'answer' | 'head'> {
  /** Path of the file. */
  path: string;
  /** What its outputs are read as. */
  task: TaskName;
}
