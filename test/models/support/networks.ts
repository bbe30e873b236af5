import { dirname } from 'node:path';
import type { CheckpointConfig } from '../../../src/models/checkpoint-config.js';
import type { Network } from '../../../src/models/network.js';
import type { OnnxConfig } from '../../../src/models/onnx/config.js';
import { onnxHash } from '../../../src/models/onnx/files.js';
import { createNetwork } from '../../../src/models/registry.js';
import { tinyFile } from '../onnx/support/tiny.js';
import { structures } from './structures.js';

export const CLASSES = 5;
export const WIDTH = 0.125;

/** A network of each structure that is made by name, and one out of a file. */
export const NAMES = [...(await structures()), 'onnx'];

const path = tinyFile(CLASSES);
const use: Omit<OnnxConfig, 'file' | 'sha256'> = {
  input: { name: 'images', layout: 'nchw', channels: 'rgb', stride: 2 },
  compare: ['answer'],
  answer: 'logits',
};

/** A narrow network with the same weights each time. */
export function make(name: string): Network {
  return name === 'onnx'
    ? createNetwork({ name, classes: CLASSES, width: 1 }, { seed: null, onnx: { ...use, path, task: 'segmentation' } })
    : createNetwork({ name, classes: CLASSES, width: WIDTH }, { seed: 3 });
}

/** What saving a network needs to know of its file; nothing of one that is made by name. */
export async function fileOf(name: string): Promise<{ config: Pick<CheckpointConfig, 'onnx'>; from?: string }> {
  if (name !== 'onnx') return { config: {} };
  return { config: { onnx: { file: 'tiny.onnx', sha256: await onnxHash(path, []), ...use } }, from: dirname(path) };
}
