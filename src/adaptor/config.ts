import { z } from 'zod';
import { classesSchema, networkSchema } from '../models/checkpoint-config.js';

const count = z.int().nonnegative();

/** What `adaptor_config.json` holds; docs/formats.md explains it field by field. */
export const adaptorSchema = z
  .strictObject({
    format: z.literal('gearnn-adaptor'),
    version: z.literal(1),
    /** The level that it is for: `jpeg=10`. */
    level: z.string().min(1),
    /** Content hash of the base that it was trained from. */
    base: z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256'),
    /** The base's, for messages and tables. */
    network: networkSchema,
    classes: classesSchema,
    /** The chosen items, in the network's order. */
    items: z.array(z.strictObject({ name: z.string(), tensors: z.array(z.string()).min(1), size: count })),
    /** Sum of the items' sizes. */
    parameters: count,
    /** As the user wrote it, and what that allowed. */
    budget: z.strictObject({ text: z.string(), parameters: count }),
    /** How it was made; free in form. */
    training: z.record(z.string(), z.unknown()),
  })
  .refine(({ items, parameters }) => items.reduce((sum, { size }) => sum + size, 0) === parameters, {
    path: ['parameters'],
    message: "not the sum of the items' sizes",
  });

export type AdaptorConfig = z.infer<typeof adaptorSchema>;
