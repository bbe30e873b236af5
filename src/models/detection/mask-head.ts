import tf from '../../common/tf.cjs';
import { EnlargingConvolution } from '../enlarging.js';
import type { LayerList } from '../layer-list.js';
import { Convolution } from '../layers.js';

type Symbolic = tf.SymbolicTensor;

/** Side of the features of a region that the mask head sees; its masks have twice that. */
export const MASK_FEATURES = 14;

const CONVOLUTIONS = 4;

/**
 * Which pixels of a region are its object's, for each class.
 *
 * @param channels of the features, and of all its layers
 * @returns a model of `[regions, 14, 14, channels]` to logits `[regions, 28, 28, classes]`
 * @source He et al., "Mask R-CNN", ICCV 2017; torchvision, models/detection/mask_rcnn.py: MaskRCNNHeads, MaskRCNNPredictor
 */
export function maskHead(channels: number, classes: number, list: LayerList): tf.LayersModel {
  const relu = (x: Symbolic) => tf.layers.activation({ activation: 'relu' }).apply(x) as Symbolic;
  const input = tf.input({ shape: [MASK_FEATURES, MASK_FEATURES, channels] });
  let x = input;
  for (let i = 0; i < CONVOLUTIONS; i++) {
    const prefix = `roi_heads.mask_head.${i}.0`;
    x = relu(list.apply(new Convolution({ prefix, filters: channels, kernel: 3, bias: true, seed: list.draw() }), x));
  }
  const predictor = 'roi_heads.mask_predictor';
  const enlarging = { prefix: `${predictor}.conv5_mask`, filters: channels, seed: list.draw() };
  x = relu(list.apply(new EnlargingConvolution(enlarging), x)); // [n, 28, 28, channels]
  // torchvision's deviation by the outputs would be over 1 for two classes, and the first losses of masks large.
  const last = { prefix: `${predictor}.mask_fcn_logits`, filters: classes, kernel: 1, bias: true, deviation: 0.01 };
  return tf.model({ inputs: input, outputs: list.apply(new Convolution({ ...last, seed: list.draw() }), x) });
}
