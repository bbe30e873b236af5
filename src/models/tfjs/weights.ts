import { readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { fail } from '../../common/errors.js';
import { decodeHalf } from '../half.js';
import { isOutside } from '../onnx/external-data.js';
import type { Constant } from '../onnx/model.js';
import { sizeOf } from '../onnx/tensor-data.js';

/** Of all shards together: what an ONNX file may hold. */
const MOST_BYTES = 2 ** 31 - 1;

const side = z.int().min(0);
const weightSchema = z.object({
  name: z.string().min(1),
  shape: z.array(side),
  dtype: z.string(),
  quantization: z.object({ dtype: z.string(), scale: z.number().optional(), min: z.number().optional() }).optional(),
});

/** What `model.json` says of its weights: groups of files, which hold their weights one behind the other. */
export const manifestSchema = z.array(z.object({ paths: z.array(z.string()), weights: z.array(weightSchema) }));

type WeightSpec = z.infer<typeof weightSchema>;
export type Manifest = z.infer<typeof manifestSchema>;

/** A weight as it is computed with, and as the file names it. */
export interface Weights {
  constants: Map<string, Constant>;
  /** The bytes of all shards, in the manifest's order, as TensorFlow.js takes them. */
  bytes: Uint8Array;
  /** Paths of the shards, relative to `model.json`. */
  files: string[];
}

/** Bytes of one stored value. */
const BYTES: Readonly<Record<string, number>> = { float32: 4, float16: 2, int32: 4, uint8: 1, uint16: 2, bool: 1 };

/**
 * Reads the shards beside a `model.json`. Quantized weights are what they stand for, `min + scale * value`, in fp32.
 *
 * @param folder that of `model.json`
 * @throws E_TFJS_FILE for shards that are missing, outside the folder, or hold more or fewer bytes than the weights, and for other types of numbers
 */
export function readWeights(manifest: Manifest, folder: string): Weights {
  const files = manifest.flatMap(({ paths }) => paths);
  const paths = files.map((file) => shardPath(folder, file));
  const total = paths.reduce((sum, path) => sum + statSync(path).size, 0);
  if (total > MOST_BYTES)
    fail('E_TFJS_FILE', { where: folder, expected: 'weights of at most 2 GB', got: `${(total / 1e9).toFixed(1)} GB` });
  const constants = new Map<string, Constant>();
  const groups: Buffer[] = [];
  let first = 0;
  for (const group of manifest) {
    const bytes = Buffer.concat(paths.slice(first, first + group.paths.length).map((path) => readFileSync(path)));
    first += group.paths.length;
    groups.push(bytes);
    const wanted = group.weights.reduce((sum, spec) => sum + bytesOf(spec), 0);
    if (wanted !== bytes.length)
      fail('E_TFJS_FILE', {
        where: group.paths.join(', '),
        expected: `${wanted} bytes, as the weights in model.json take`,
        got: `${bytes.length}`,
        todo: 'A shard is cut short, or of another model.',
      });
    let at = 0;
    for (const spec of group.weights) {
      const length = bytesOf(spec);
      constants.set(spec.name, decode(spec, new Uint8Array(bytes.subarray(at, at + length)).buffer));
      at += length;
    }
  }
  return { constants, bytes: Buffer.concat(groups), files };
}

/** @throws E_TFJS_FILE for a path that leads out of the folder, through links too, and for what is no file */
function shardPath(folder: string, file: string): string {
  const path = resolve(folder, file);
  const refuse = (expected: string, got: string): never =>
    fail('E_TFJS_FILE', { where: 'weightsManifest', expected, got });
  if (file === '' || file.includes('\0') || isAbsolute(file) || isOutside(resolve(folder), path))
    refuse("paths inside the model's folder", JSON.stringify(file));
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    refuse('shards beside model.json', `no file ${join(folder, file)}`);
  if (isOutside(realpathSync(folder), realpathSync(path)))
    refuse("files inside the model's folder", `a link out of it: ${file}`);
  return path;
}

function bytesOf({ name, shape, dtype, quantization }: WeightSpec): number {
  const stored = quantization?.dtype ?? dtype;
  const width = BYTES[stored];
  if (width === undefined || !['float32', 'int32', 'bool'].includes(dtype))
    fail('E_TFJS_FILE', {
      where: `weight ${name}`,
      expected: 'float32, int32 or bool, as they are or quantized to uint8, uint16 or float16',
      got: stored === dtype ? dtype : `${dtype} as ${stored}`,
    });
  return sizeOf(shape) * width;
}

function decode({ name, shape, dtype, quantization }: WeightSpec, buffer: ArrayBuffer): Constant {
  const { dtype: stored = dtype, scale, min } = quantization ?? {};
  const plain = storedValues(stored, buffer);
  if (dtype === 'bool') return { type: 'bool', shape, data: Uint8Array.from(plain, (value) => (value ? 1 : 0)) };
  const isLinear = stored === 'uint8' || stored === 'uint16';
  if (isLinear && (scale === undefined || min === undefined))
    fail('E_TFJS_FILE', { where: `weight ${name}`, expected: 'a scale and a min of its quantization', got: 'none' });
  // As TensorFlow.js computes it, in doubles.
  const values = isLinear ? Float64Array.from(plain, (value) => value * scale! + min!) : plain;
  if (dtype === 'int32') return { type: 'int64', shape, data: Float64Array.from(values, Math.round) };
  return { type: 'float32', shape, data: values instanceof Float32Array ? values : Float32Array.from(values) };
}

function storedValues(type: string, buffer: ArrayBuffer): ArrayLike<number> {
  switch (type) {
    case 'float32':
      return new Float32Array(buffer);
    case 'float16':
      return decodeHalf(new Uint16Array(buffer));
    case 'int32':
      return new Int32Array(buffer);
    case 'uint16':
      return new Uint16Array(buffer);
    default:
      return new Uint8Array(buffer);
  }
}
