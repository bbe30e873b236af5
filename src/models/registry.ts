import { fail } from '../common/errors.js';
import { createMaskRcnn, MASK_RCNN_VARIANTS } from './detection/mask-rcnn.js';
import { createDrn, DRN_VARIANTS } from './drn.js';
import { MOST_CLASSES, type Network, type NetworkConfig, type NetworkOptions } from './network.js';
import { createOnnxNetwork } from './onnx/network.js';
import { createResnet } from './resnet.js';
import { RESNET_VARIANTS } from './residual-stages.js';

interface Member {
  create(config: NetworkConfig, options: NetworkOptions): Network;
  /** A pixel's class is a byte of a label map, of which one value says that it counts nowhere; a picture's is a number. */
  mostClasses: number;
}

/** Every network that gearnn can make, by name. */
const NETWORKS: ReadonlyMap<string, Member> = new Map([
  ...family(Object.keys(DRN_VARIANTS), { create: createDrn, mostClasses: 255 }),
  ...family(Object.keys(RESNET_VARIANTS), { create: createResnet, mostClasses: MOST_CLASSES }),
  ...family(Object.keys(MASK_RCNN_VARIANTS), { create: createMaskRcnn, mostClasses: 255 }),
  ...family(['onnx'], { create: createOnnxNetwork, mostClasses: MOST_CLASSES }),
]);

function family(names: string[], member: Member): [string, Member][] {
  return names.map((name) => [name, member]);
}

/** Names for {@link createNetwork}, sorted: of those that need no file. */
export function networkNames(): string[] {
  return [...NETWORKS.keys()].filter((name) => name !== 'onnx').sort();
}

/**
 * A network with fresh weights; with seed null at 0, for weights that are loaded next.
 *
 * @throws E_MODEL_NAME for an unknown name, E_USAGE for impossible classes, width or epsilon
 */
export function createNetwork(config: NetworkConfig, options: Partial<NetworkOptions> = {}): Network {
  const member = NETWORKS.get(config.name);
  if (!member) {
    fail('E_MODEL_NAME', { where: 'model', expected: `one of ${networkNames().join(', ')}`, got: `"${config.name}"` });
  }
  if (!Number.isInteger(config.classes) || config.classes < 1 || config.classes > member.mostClasses) {
    fail('E_USAGE', {
      where: 'model.classes',
      expected: `a whole number from 1 to ${member.mostClasses}`,
      got: String(config.classes),
    });
  }
  if (!(config.width > 0 && config.width <= 4)) {
    fail('E_USAGE', { where: 'model.width', expected: 'a number over 0 and up to 4', got: String(config.width) });
  }
  const { epsilon } = config;
  if (epsilon !== undefined && (config.name === 'onnx' || !(epsilon >= 0 && Number.isFinite(epsilon)))) {
    const expected = config.name === 'onnx' ? 'none, of a network that says itself what it adds' : 'a number from 0 on';
    fail('E_USAGE', { where: 'model.epsilon', expected, got: String(epsilon) });
  }
  return member.create(config, { ...options, seed: options.seed === undefined ? 0 : options.seed });
}
