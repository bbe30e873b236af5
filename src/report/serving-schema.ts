import { z } from 'zod';

const place = { method: z.string().min(1), level: z.string().min(1) };

/** What adaptors that have to win first gained on samples kept apart, and whether they serve. */
export const keptSchema = z.array(
  z.strictObject({
    ...place,
    kept: z.boolean(),
    /** How far what serves goes from the network to what was trained, where several shares were compared. */
    share: z.number().positive().max(1).optional(),
    /** Over the network alone, and its 95% interval. */
    points: z.number(),
    low: z.number(),
    high: z.number(),
  }),
);

/** Scores of methods that adapt while answering, on sequences whose level changes after `burst` frames. */
export const alternationSchema = z.array(
  z.strictObject({
    method: place.method,
    burst: z.int().positive(),
    /** The primary score of the frames of each level; null over nothing. */
    scores: z.record(place.level, z.number().nullable()),
  }),
);
