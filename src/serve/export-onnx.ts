import { loadAdaptor } from '../adaptor/file.js';
import { listAdaptors } from '../adaptor/list.js';
import { withAdaptor } from '../adaptor/merge.js';
import { fail } from '../common/errors.js';
import { sha256File, writeFileAtomic } from '../common/files.js';
import { CLEAN } from '../distort/level.js';
import { canonicalLevel } from '../distort/level-folders.js';
import { type Checkpoint, loadCheckpoint, onnxSource } from '../models/checkpoint.js';
import type { OnnxSource } from '../models/onnx/config.js';
import { writeMerged } from '../models/onnx/merge-state.js';
import { encodePatch } from '../models/onnx/patch.js';
import { writeLevels } from '../models/onnx/put-levels.js';

export interface ExportOnnxOptions {
  /** Folder of a base that was made of an ONNX file. */
  checkpoint: string;
  /** Folder of adaptors; the base alone without. */
  adaptors?: string;
  /** The one level that the file is for; without, all are in it. */
  level?: string;
  /** Path of the file. */
  out: string;
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
export async function exportOnnx({ checkpoint, adaptors, level, out }: ExportOnnxOptions): Promise<ExportedOnnx> {
  const base = await openBase(checkpoint);
  const { source } = base;
  if (level !== undefined)
    return { levels: [], bytes: await writeMerged(source, await stateAt(base, adaptors, level), out) };
  if (adaptors === undefined) return { levels: [], bytes: await writeMerged(source, base.state, out) };
  const folders = await listAdaptors(adaptors);
  if (folders.length === 0)
    fail('E_ADAPTOR', {
      where: adaptors,
      expected: 'adaptors',
      got: 'none',
      todo: 'Leave --adaptors out for the network alone, or train some: gearnn adapt.',
    });
  const states = [{ level: CLEAN.text, state: base.state }];
  for (const one of folders) states.push({ level: one.level, state: await stateOf(base, one.folder) });
  return { levels: states.map((one) => one.level), bytes: await writeLevels(source, states, out) };
}

/**
 * Writes what turns the ONNX file of a base into that of one level, as safetensors. No engine is needed.
 *
 * @returns the file's bytes
 * @throws as {@link exportOnnx} does
 */
export async function exportPatch({
  checkpoint,
  adaptors,
  level,
  out,
}: ExportOnnxOptions & { level: string }): Promise<number> {
  const base = await openBase(checkpoint);
  const { source } = base;
  const state = await stateAt(base, adaptors, level);
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
async function stateAt(base: OnnxBase, adaptors: string | undefined, level: string): Promise<Checkpoint['state']> {
  const folders = adaptors === undefined ? [] : await listAdaptors(adaptors);
  const wanted = canonicalLevel(level);
  const found = folders.find((one) => canonicalLevel(one.level) === wanted);
  if (found) return stateOf(base, found.folder);
  if (wanted === CLEAN.text) return base.state;
  const expected = [CLEAN.text, ...folders.map((one) => one.level)].join(', ');
  return fail('E_USAGE', { where: '--level', expected, got: level });
}

async function stateOf(base: OnnxBase, folder: string): Promise<Checkpoint['state']> {
  return withAdaptor(base, await loadAdaptor(folder, base)).state;
}
