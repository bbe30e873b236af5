import { fail } from '../common/errors.js';
import { createDrn, DRN_VARIANTS } from './drn.js';
import type { Network, NetworkConfig } from './network.js';

type Create = (config: NetworkConfig, options: { seed: number | null }) => Network;

/** Every network that gearnn can make, by name. */
const NETWORKS: ReadonlyMap<string, Create> = new Map(
  Object.keys(DRN_VARIANTS).map((name) => [name, createDrn] as const),
);

/** Names for {@link createNetwork}, sorted. */
export function networkNames(): string[] {
  return [...NETWORKS.keys()].sort();
}

/**
 * A network with fresh weights; with seed null at 0, for weights that are loaded next.
 *
 * @throws E_MODEL_NAME for an unknown name, E_USAGE for impossible classes or width
 */
export function createNetwork(config: NetworkConfig, options: { seed?: number | null } = {}): Network {
  const create = NETWORKS.get(config.name);
  if (!create) {
    fail('E_MODEL_NAME', { where: 'model', expected: `one of ${networkNames().join(', ')}`, got: `"${config.name}"` });
  }
  if (!Number.isInteger(config.classes) || config.classes < 1 || config.classes > 255) {
    fail('E_USAGE', { where: 'model.classes', expected: 'a whole number from 1 to 255', got: String(config.classes) });
  }
  if (!(config.width > 0 && config.width <= 4)) {
    fail('E_USAGE', { where: 'model.width', expected: 'a number over 0 and up to 4', got: String(config.width) });
  }
  return create(config, { seed: options.seed === undefined ? 0 : options.seed });
}
