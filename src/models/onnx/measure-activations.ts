import tf from '../../common/tf.cjs';
import type { Activations } from '../network.js';
import type { OnnxInput } from './config.js';
import type { Node } from './model.js';
import type { Op } from './ops/op.js';
import { findOp } from './ops/registry.js';

/** Side of the picture that is tried, in strides, where the network takes any size. */
const STRIDES = 2;
const LEAST_SIDE = 64;
const BYTES_PER_VALUE = 4;

/**
 * What a network of a file holds while it answers, by running it on a black picture and looking after every node: shapes of a graph are known
 * only when it runs.
 *
 * @param own operations of nodes that run otherwise than the file says
 */
export function measureActivations(
  nodes: readonly Node[],
  own: ReadonlyMap<Node, Op>,
  { size, stride }: OnnxInput,
  run: (images: tf.Tensor4D, ops: ReadonlyMap<Node, Op>) => void,
): Activations {
  const side = Math.max(LEAST_SIDE, STRIDES * stride);
  const { height, width } = size ?? { height: Math.ceil(side / stride) * stride, width: Math.ceil(side / stride) * stride }; // prettier-ignore
  let [peak, sum] = [0, 0];
  tf.tidy(() => {
    const images = tf.zeros<tf.Rank.R4>([1, height, width, 3]);
    const before = tf.memory().numBytes;
    const watched = new Map(
      nodes.map((node): [Node, Op] => [
        node,
        (call, ...inputs) => {
          const values = [(own.get(node) ?? findOp(node.domain, node.op)!)(call, ...inputs)].flat();
          peak = Math.max(peak, tf.memory().numBytes - before);
          for (const value of values) if (!value.isHost) sum += value.size;
          return values;
        },
      ]),
    );
    run(images, watched);
  });
  const pixels = height * width;
  return { peak: peak / BYTES_PER_VALUE / pixels, sum: sum / pixels };
}
