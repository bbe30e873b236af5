import { fail } from '../common/errors.js';
import { gearnnVersion } from '../common/version.js';
import type { ModelDescription } from './inference.js';
import type { ServerContext } from './http/context.js';
import type { ModelStatistics } from './statistics.js';

/** What the server says of itself in the Open Inference Protocol. */
export function serverMetadata(): { name: string; version: string; extensions: string[] } {
  const repository = ['model_repository', 'model_repository(unload_dependents)'];
  const extensions = ['binary_tensor_data', 'model_configuration', ...repository, 'sequence', 'statistics'];
  return { name: 'gearnn', version: gearnnVersion(), extensions };
}

/** Whether networks are loaded and the engine answers. */
export function isReady({ engine, stopping, repository }: ServerContext): boolean {
  return engine.ready && !stopping && repository.all().length > 0;
}

/** @throws E_SERVE_MODEL for another version than the only one; none and "" are any */
export function requireVersion(version = ''): void {
  if (version === '' || version === '1') return;
  fail('E_SERVE_MODEL', { where: 'version', expected: '1, the only one of a network', got: `"${version}"` });
}

/** A tensor as metadata have it. */
export interface TensorMetadata {
  name: string;
  datatype: string;
  shape: readonly number[];
}

/** What every network takes. */
export const INPUTS: readonly TensorMetadata[] = [
  { name: 'image', datatype: 'BYTES', shape: [1] },
  { name: 'pixels', datatype: 'UINT8', shape: [1, -1, -1, 3] },
];

export function platformOf({ engine }: ModelDescription): string {
  return `gearnn_${engine.name}`;
}

/** Numbers of `model_config.proto`'s types. */
const TYPES: Readonly<Record<string, [name: string, number: number]>> = {
  UINT8: ['TYPE_UINT8', 2],
  INT32: ['TYPE_INT32', 8],
  FP32: ['TYPE_FP32', 11],
  BYTES: ['TYPE_STRING', 13],
};

/** Name and number of a type in a configuration. */
export function configType(datatype: string): [name: string, number: number] {
  return TYPES[datatype] ?? ['TYPE_INVALID', 0];
}

/** A network's configuration as the model configuration extension has it; batches are made of requests, so no tensor has a size for them. */
export function modelConfig(description: ModelDescription): object {
  const tensor = ({ name, datatype, shape }: TensorMetadata): object => ({
    ...{ name, data_type: configType(datatype)[0], dims: shape },
  });
  return {
    name: description.name,
    platform: platformOf(description),
    backend: 'gearnn',
    version_policy: { latest: { num_versions: 1 } },
    max_batch_size: 0,
    input: INPUTS.map((input) => ({ ...tensor(input), format: 'FORMAT_NONE', optional: true })),
    output: description.outputs.map(tensor),
  };
}

/** Statistics of one network, or of all. @throws E_SERVE_MODEL */
export function modelStats({ repository, statistics }: ServerContext, name?: string): ModelStatistics[] {
  const names = name === undefined ? repository.all().map((one) => one.name) : [repository.describe(name).name];
  return names.map((one) => statistics.of(one));
}
