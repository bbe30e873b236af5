import { z } from 'zod';

const method = z.string().min(1);

/** A method's score at a level. */
const partRow = z.strictObject({
  method,
  /** `clean`, of the base alone, is there for comparison. */
  level: z.string().min(1),
  scores: z.record(z.string(), z.number().nullable()),
  primary: z.string().min(1),
});

/** A method's gain over the original, in points. */
const gain = z.strictObject({
  method,
  /** Null for the mean over the levels of `averages`. */
  level: z.string().min(1).nullable(),
  points: z.number(),
  /** 95% of the draws lie between. */
  low: z.number(),
  high: z.number(),
  /** Neighbouring images that are drawn together, and the number of draws. */
  block: z.int().positive(),
  resamples: z.int().positive(),
});

/** Every method on a part of the dataset. */
export const partSchema = z.strictObject({
  name: z.string().min(1),
  /** As a slice. */
  samples: z.string().min(1),
  images: z.int().positive(),
  /** The validation samples, which may be of drives that were trained on; else nothing was trained on these. */
  seen: z.boolean(),
  /** Answers are compared with the base's own on the clean images. */
  agreement: z.literal(true).optional(),
  rows: z.array(partRow),
  /** None where counts per image are missing, or images are too few. */
  gains: z.array(gain),
});

export type PartResults = z.infer<typeof partSchema>;
