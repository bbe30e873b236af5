import tf from '../../common/tf.cjs';
import { ANCHORS_PER_CELL } from '../../detect/anchors.js';
import type { LayerList } from '../layer-list.js';
import { Convolution } from '../layers.js';

type Symbolic = tf.SymbolicTensor;

/** Of each level. */
export interface RpnOutputs {
  /** How likely each anchor holds something, as logits `[batch, height, width, anchors per cell]`. */
  objectness: Symbolic[];
  /** Codes of boxes for the anchors, `[batch, height, width, 4 anchors per cell]`. */
  deltas: Symbolic[];
}

/**
 * The head of a region proposal network, the same on each level.
 *
 * @source Ren et al., "Faster R-CNN", NIPS 2015; torchvision, models/detection/rpn.py: RPNHead
 */
export function rpnHead(levels: Symbolic[], list: LayerList): RpnOutputs {
  const filters = levels[0]!.shape[3]!;
  const convolution = (name: string, count: number, kernel: number): Convolution =>
    new Convolution({ prefix: `rpn.head.${name}`, filters: count, kernel, bias: true, seed: list.draw(), deviation: 0.01 }); // prettier-ignore
  const shared = convolution('conv.0.0', filters, 3);
  const logits = convolution('cls_logits', ANCHORS_PER_CELL, 1);
  const boxes = convolution('bbox_pred', 4 * ANCHORS_PER_CELL, 1);
  list.layers.push(shared, logits, boxes);
  const hidden = levels.map((x) => tf.layers.activation({ activation: 'relu' }).apply(shared.apply(x)) as Symbolic);
  return {
    objectness: hidden.map((x) => logits.apply(x) as Symbolic),
    deltas: hidden.map((x) => boxes.apply(x) as Symbolic),
  };
}
