import { z } from 'zod';
import type { CheckpointConfig } from '../models/checkpoint-config.js';
import type { TrainingSettings } from './run-options.js';

/** What a fine-tune keeps of the way its base was trained, as a training record names it. */
const recordSchema = z
  .object({
    batch: z.int().positive(),
    size: z.string().regex(/^(\d+x\d+|whole \d+:\d+)$/),
    scale: z.tuple([z.number(), z.number()]),
    flip: z.boolean(),
    momentum: z.number(),
    weightDecay: z.number(),
  })
  .partial();

/** The settings that a checkpoint was trained with; empty for one that gearnn did not train. */
export function recordedSettings({ training }: CheckpointConfig): Partial<TrainingSettings> {
  const { data = {} } = recordSchema.safeParse(training['settings']);
  const { size, ...rest } = data;
  // Whole images are what a network is trained on that finds things, where nothing is said.
  return { ...rest, ...(size?.includes('x') && { size: size.split('x').map(Number) as [number, number] }) };
}
