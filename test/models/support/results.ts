import { readFileSync } from 'node:fs';
import { decodeSafetensors, toFloat32 } from '../../../src/models/safetensors.js';

/** What a reference implementation computed, by name. */
export function readResults(path: string): Map<string, Float32Array> {
  const { tensors } = decodeSafetensors(readFileSync(path), path);
  return new Map([...tensors].map(([key, tensor]) => [key, toFloat32(tensor)]));
}
