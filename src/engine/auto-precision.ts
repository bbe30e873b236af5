import { join } from 'node:path';
import { z } from 'zod';
import { writeJsonAtomic } from '../common/files.js';
import { readText } from '../common/text-file.js';
import type { Bf16Speed } from './bf16-speed.js';
import { bf16Support } from './cpu.js';
import { thisMachine } from './machine.js';
import type { Precision } from './precision.js';

/** What a measurement holds for. */
const keySchema = z.strictObject({
  /** Names of the processor, or of the card that computes. */
  device: z.string(),
  /** Of the processor, for bfloat16: machines whose processors are called the same may differ in them. */
  instructions: z.array(z.string()),
  /** The engine's. */
  version: z.string(),
  threads: z.number().int(),
});

const fileSchema = z.strictObject({
  format: z.literal('gearnn-bf16-speed'),
  version: z.literal(1),
  measured: z.array(
    keySchema.extend({
      /** Seconds of a pass. */
      fp32: z.number().positive(),
      bf16: z.number().positive(),
    }),
  ),
});

export type SpeedKey = z.infer<typeof keySchema>;

/** @param engine the running one */
export function speedKey({ threads, ...engine }: { name: string; version: string; threads: number }): SpeedKey {
  const { processor, gpu } = thisMachine(engine);
  return { device: gpu ?? processor, instructions: bf16Support().instructions, version: engine.version, threads };
}

/** In the folder of the engine that was measured, so that it goes with it. */
const FILE = 'bf16-speed.json';

/** The part of fp32's time that bf16 has to be within: for less its rounding, and another machine's other choice, are no trade. */
const PAYS = 0.95;

export interface AutoOptions {
  /** Why the engine has no bf16; null where it has. */
  refusal: string | null;
  key: SpeedKey;
  /** Of the engine; undefined for one whose measurements cannot be kept. */
  folder: string | undefined;
  measure: () => Bf16Speed;
}

/**
 * The type that the engine is faster in on this machine: fp32 where it has no bf16, else by a measurement that is kept beside the engine. A
 * folder that cannot be written is no error; the next start measures again.
 */
export async function choosePrecision({
  refusal,
  key,
  folder,
  measure,
}: AutoOptions): Promise<{ precision: Precision; why: string }> {
  if (refusal !== null) return { precision: 'fp32', why: `fp32, on ${refusal}` };
  const all = folder === undefined ? [] : await keptSpeeds(folder);
  const kept = all.find((entry) => nameOf(entry) === nameOf(key));
  const speed = kept ?? measure();
  if (folder !== undefined && kept === undefined) {
    const file = { format: 'gearnn-bf16-speed', version: 1, measured: [...all, { ...key, ...speed }] };
    await writeJsonAtomic(join(folder, FILE), file).catch(() => undefined);
  }
  return { precision: fasterOf(speed), why: describeSpeed(speed) };
}

export function fasterOf({ fp32, bf16 }: Bf16Speed): Precision {
  return bf16 <= PAYS * fp32 ? 'bf16' : 'fp32';
}

/** For a person: `bf16, which takes 0.55 of fp32's time here`. */
export function describeSpeed(speed: Bf16Speed): string {
  const part = (speed.bf16 / speed.fp32).toFixed(2);
  return fasterOf(speed) === 'bf16'
    ? `bf16, which takes ${part} of fp32's time here`
    : `fp32, as bf16 takes ${part} of its time here`;
}

/** What was measured of an engine; nothing where no measurement is there, or none of this version's. */
export async function keptSpeeds(folder: string): Promise<(SpeedKey & Bf16Speed)[]> {
  try {
    return fileSchema.parse(JSON.parse(await readText(join(folder, FILE)))).measured;
  } catch {
    return [];
  }
}

const nameOf = ({ device, instructions, version, threads }: SpeedKey): string =>
  JSON.stringify([device, instructions, version, threads]);
