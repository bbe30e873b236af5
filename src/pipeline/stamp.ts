import { z } from 'zod';
import { machineSchema } from '../engine/machine.js';
import type { Json } from './graph.js';
import { addressOf, identitySchema } from './identity.js';
import { formerSettings, presentStamp } from './migrate.js';

const json: z.ZodType<Json> = z.json();

const contentsSchema = z.strictObject({
  format: z.literal('gearnn-step'),
  version: z.literal(2),
  step: identitySchema,
  /** ISO 8601. */
  finished: z.string(),
  seconds: z.number().nonnegative(),
  /** What the step ran on; absent where it ran before that was kept. */
  machine: machineSchema.optional(),
  /** Of the engine: with the same number, the same machine gives the same result to the bit. */
  threads: z.int().positive().optional(),
  output: json,
  notes: json,
  /** What the step made: size in bytes by path within the folder. */
  files: z.record(z.string(), z.int()),
});

/** What is kept of a finished step, beside the files it made; stamps of earlier versions are taken for what they would be now. */
export const stampSchema = z.preprocess(presentStamp, contentsSchema);

export type Stamp = z.infer<typeof stampSchema>;

/** Whether a step made files that others may read: one that only came to an output need not run for them. */
export function madeFiles({ files }: Stamp): boolean {
  return Object.keys(files).length > 0;
}

/** What a step's result was addressed by in stamps of version 1; undefined where its threads are not known. */
export function formerAddress({ step, threads }: Pick<Stamp, 'step' | 'threads'>): string | undefined {
  return threads === undefined ? undefined : addressOf({ ...step, settings: formerSettings(step.settings, threads) });
}
