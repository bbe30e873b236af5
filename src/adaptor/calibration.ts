import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256, sha256File, writeJsonAtomic } from '../common/files.js';
import { readJsonFile } from '../common/json-file.js';
import { adaptorFiles } from './file.js';

/** Name of the file, in the folder that holds the adaptors. */
export const CALIBRATION = 'calibration.json';

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256');
const share = z.number().min(0).max(1);

const rowSchema = z.strictObject({
  level: z.string().min(1),
  /** Whether the candidate below answers at the level; else the base does. */
  serves: z.boolean(),
  /** The best candidate: the level of its adaptor, and how far it goes from the base to the adaptor. */
  adaptor: z.string().min(1),
  share: share.refine((value) => value > 0, 'not above 0'),
  /** The primary score, 0..1, of the base and of the candidate, and its name. */
  score: z.string(),
  base: share,
  candidate: share,
  /** The candidate's score over the base's, and the interval that it lies in. */
  gain: z.number(),
  low: z.number(),
  high: z.number(),
  /** Candidates that were compared; the interval holds for all of them together. */
  candidates: z.int().positive(),
  /** Compared with the base's own answers on clean frames, not with labels. */
  agreement: z.boolean(),
  /** Name of the dataset, what of it was measured on, and its number of frames. */
  data: z.string(),
  samples: z.string(),
  images: z.int().positive(),
  /** Hashes of the level's own adaptor, where there is one, and of the candidate's, by level. */
  hashes: z.record(z.string(), hash),
});

const schema = z.strictObject({
  format: z.literal('gearnn-calibration'),
  version: z.literal(1),
  /** Content hash of the base. */
  base: hash,
  levels: z.array(rowSchema),
});

/** What was measured at one level, and so what answers there. */
export type CalibrationRow = z.infer<typeof rowSchema>;

/** What answers at which level, as a folder of adaptors says it. */
export type Calibration = z.infer<typeof schema>;

/** What a folder of adaptors says of itself; undefined where it says nothing. @throws E_CALIBRATION for a damaged file */
export async function readCalibration(folder: string): Promise<Calibration | undefined> {
  const path = join(folder, CALIBRATION);
  if (!existsSync(path)) return undefined;
  return readJsonFile(path, schema, {
    code: 'E_CALIBRATION',
    expected: 'what gearnn calibrate writes, version 1',
    todo: 'Remove it, or measure again: gearnn calibrate.',
  });
}

/** Writes rows beside those that are there, if they are of the same base; a row of the same level is replaced. @throws E_CALIBRATION for a damaged file, which stays */
export async function writeCalibration(folder: string, base: string, rows: readonly CalibrationRow[]): Promise<void> {
  const before = await readCalibration(folder);
  const written = new Set(rows.map(({ level }) => level));
  const kept = before?.base === base ? before.levels.filter(({ level }) => !written.has(level)) : [];
  const levels = [...kept, ...rows].sort((a, b) => (a.level < b.level ? -1 : 1));
  await writeJsonAtomic(
    join(folder, CALIBRATION),
    schema.parse({ format: 'gearnn-calibration', version: 1, base, levels }),
  );
}

/** What changes when anything of an adaptor does. */
export async function adaptorHash(folder: string): Promise<string> {
  const { config, tensors } = adaptorFiles(folder)!;
  const [first, second] = await Promise.all([config, tensors].map((name) => sha256File(join(folder, name))));
  return sha256(`${first} ${second}`);
}

/** Why something else than a level's own adaptor answers there; undefined where it does, as it is. */
export function reasonOf({ level, serves, adaptor, share: part, gain }: CalibrationRow): string | undefined {
  if (!serves) {
    return gain > 0
      ? `calibrated: no adaptor is surely better than the base at ${level}`
      : `calibrated: base is better at ${level}`;
  }
  if (adaptor === level && part === 1) return undefined;
  return `calibrated: ${part === 1 ? '' : `${part} of `}the adaptor ${adaptor} is best at ${level}`;
}
