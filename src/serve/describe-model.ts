import { basename, resolve } from 'node:path';
import { runningEngine } from '../engine/start.js';
import type { CheckpointOutline } from '../models/checkpoint.js';
import { type CheckpointConfig, trainedSize } from '../models/checkpoint-config.js';
import type { AdaptedNetwork } from './adapted-network.js';
import type { AnsweredBy } from './answered-by.js';
import type { ModelDescription } from './inference.js';

const BYTES_PER_VALUE = 4;

/** What a server says of a network and its adaptors, on the running engine. */
export function describeModel(
  network: AdaptedNetwork,
  { config, folder }: CheckpointOutline,
  answering: AnsweredBy,
): ModelDescription {
  const { name, version, precision, threads } = runningEngine()!;
  const { base, adaptors, resident } = network.parameters;
  return {
    name: basename(resolve(folder)),
    network: network.config.name,
    width: network.config.width,
    task: config.task ?? 'segmentation',
    outputs: network.outputs,
    ...(network.head && { head: network.head }),
    ...inputOf(config),
    trained: trainedSize(config),
    classes: config.classes,
    adaptors: adaptors.map((one) => ({ ...one, version: answering.versionAt(one.level) })),
    version: answering.base,
    parameters: base,
    engine: { name, version, precision, threads },
    residentBytes: { base: base * BYTES_PER_VALUE, adaptors: resident * BYTES_PER_VALUE },
  };
}

function inputOf({ onnx }: CheckpointConfig): Pick<ModelDescription, 'input'> {
  if (!onnx) return {};
  const { layout, size, fit } = onnx.input;
  return { input: { layout, ...(size && { size, fit: fit ?? 'stretch' }) } };
}
