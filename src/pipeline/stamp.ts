import { z } from 'zod';
import { machineSchema } from '../engine/machine.js';
import type { Json } from './graph.js';
import { identitySchema } from './identity.js';

const json: z.ZodType<Json> = z.json();

/** What is kept of a finished step, beside the files it made. */
export const stampSchema = z.strictObject({
  format: z.literal('gearnn-step'),
  version: z.literal(1),
  step: identitySchema,
  /** ISO 8601. */
  finished: z.string(),
  seconds: z.number().nonnegative(),
  /** What the step ran on; absent where it ran before that was kept. */
  machine: machineSchema.optional(),
  output: json,
  notes: json,
  /** What the step made: size in bytes by path within the folder. */
  files: z.record(z.string(), z.int()),
});

export type Stamp = z.infer<typeof stampSchema>;

/** Whether a step made files that others may read: one that only came to an output need not run for them. */
export function madeFiles({ files }: Stamp): boolean {
  return Object.keys(files).length > 0;
}
