import type { CalibrationUse } from '../adaptor/serving.js';
import { fail } from '../common/errors.js';
import { sha256File, writeFileAtomic } from '../common/files.js';
import { CLEAN } from '../distort/level.js';
import { canonicalLevel } from '../distort/level-folders.js';
import { type Checkpoint, loadCheckpoint, onnxSource } from '../models/checkpoint.js';
import type { OnnxSource } from '../models/onnx/config.js';
import { writeMerged } from '../models/onnx/merge-state.js';
import { encodePatch } from '../models/onnx/patch.js';
import { writeLevels } from '../models/onnx/put-levels.js';
import { mergedLevels, type MergedLevel } from './merged-levels.js';

export interface ExportOnnxOptions {
  /** Folder of a base that was made of an ONNX file. */
  checkpoint: string;
  /** Folder of adaptors; the base alone without. */
  adaptors?: string;
  /** The one level that the file is for; without, all are in it. */
  level?: string;
  /** Path of the file. */
  out: string;
  /** Whether adaptors serve as the folder's calibration says. Default: `known`. */
  calibration?: CalibrationUse;
  /** Is told which adaptors were not calibrated, or have changed since. */
  warn?: (message: string) => void;
}

/** What was written. */
export interface ExportedOnnx {
  /** What the numbers of the input `level` mean; empty where the file has no such input. */
  levels: string[];
  /** Size of the file. */
  bytes: number;
}

/**
 * Writes a base that came out of an ONNX file as an ONNX file again: with its adaptors inside behind an input `level`, int64 `[1]`, of which 0
 * is the base, or as it is for one level. No engine is needed.
 *
 * @throws E_USAGE for a base that is no ONNX file's, and a level without an adaptor; E_ADAPTOR where the folder has none; E_CHECKPOINT,
 *   E_ADAPTOR_BASE_MISMATCH, E_ONNX_EXTERNAL, and E_ONNX_FILE where the result would be over 2 GB
 */
export async function exportOnnx(options: ExportOnnxOptions): Promise<ExportedOnnx> {
  const { checkpoint, adaptors, level, out } = options;
  const base = await openBase(checkpoint);
  const { source } = base;
  if (level !== undefined)
    return { levels: [], bytes: await writeMerged(source, await stateAt(base, level, options), out) };
  if (adaptors === undefined) return { levels: [], bytes: await writeMerged(source, base.state, out) };
  const merged = await mergedLevels(adaptors, base, options);
  if (merged.length === 0)
    fail('E_ADAPTOR', {
      where: adaptors,
      expected: 'adaptors',
      got: 'none',
      todo: 'Leave --adaptors out for the network alone, or train some: gearnn adapt.',
    });
  const states = [
    { level: CLEAN.text, state: base.state },
    ...merged.map((one) => ({ level: one.level, state: stateOf(base, one) })),
  ];
  return { levels: states.map((one) => one.level), bytes: await writeLevels(source, states, out) };
}

/**
 * Writes what turns the ONNX file of a base into that of one level, as safetensors. No engine is needed.
 *
 * @returns the file's bytes
 * @throws as {@link exportOnnx} does
 */
export async function exportPatch(options: ExportOnnxOptions & { level: string }): Promise<number> {
  const { checkpoint, level, out } = options;
  const base = await openBase(checkpoint);
  const { source } = base;
  const state = await stateAt(base, level, options);
  const bytes = encodePatch(source, { state, level, model: await sha256File(source.path) });
  await writeFileAtomic(out, bytes);
  return bytes.length;
}

/** A base with its ONNX file. */
interface OnnxBase extends Checkpoint {
  source: OnnxSource;
}

async function openBase(checkpoint: string): Promise<OnnxBase> {
  const base = await loadCheckpoint(checkpoint);
  const source = onnxSource(base);
  if (source) return { ...base, source };
  return fail('E_USAGE', {
    where: checkpoint,
    expected: 'a checkpoint that gearnn import has made of an ONNX file',
    got: `one of the network ${base.config.network.name}`,
    todo: 'Export it with --saved-model; or as ONNX from PyTorch, whose names its weights have, with torch.onnx.export.',
  });
}

/** The base's values at a level. @throws E_USAGE for one that has no adaptor */
async function stateAt(
  base: OnnxBase,
  level: string,
  { adaptors, ...options }: Pick<ExportOnnxOptions, 'adaptors' | 'calibration' | 'warn'>,
): Promise<Checkpoint['state']> {
  const merged = adaptors === undefined ? [] : await mergedLevels(adaptors, base, options);
  const wanted = canonicalLevel(level);
  const found = merged.find((one) => canonicalLevel(one.level) === wanted);
  if (found) return stateOf(base, found);
  if (wanted === CLEAN.text) return base.state;
  const expected = [CLEAN.text, ...merged.map((one) => one.level)].join(', ');
  return fail('E_USAGE', { where: '--level', expected, got: level });
}

function stateOf(base: OnnxBase, { state }: MergedLevel): Checkpoint['state'] {
  return new Map([...base.state, ...state]);
}
