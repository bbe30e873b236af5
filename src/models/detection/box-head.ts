import tf from '../../common/tf.cjs';
import { Dense } from '../dense.js';
import type { LayerList } from '../layer-list.js';

type Symbolic = tf.SymbolicTensor;

/** Side of the features of a region that the box head sees. */
export const BOX_SIZE = 7;

/**
 * What a region is of, and where its object's box lies, for each class.
 *
 * @param channels of the features
 * @param width of its two hidden layers
 * @returns a model of `[regions, channels, 7, 7]`, in a row, to logits `[regions, classes]` and codes of boxes `[regions, 4 classes]`
 * @source torchvision, models/detection/faster_rcnn.py: TwoMLPHead, FastRCNNPredictor
 */
export function boxHead(channels: number, width: number, classes: number, list: LayerList): tf.LayersModel {
  const dense = (name: string, units: number, x: Symbolic): Symbolic =>
    list.apply(new Dense({ prefix: `roi_heads.${name}`, units, seed: list.draw() }), x);
  const relu = (x: Symbolic) => tf.layers.activation({ activation: 'relu' }).apply(x) as Symbolic;
  const input = tf.input({ shape: [channels * BOX_SIZE * BOX_SIZE] });
  const hidden = relu(dense('box_head.fc7', width, relu(dense('box_head.fc6', width, input))));
  const logits = dense('box_predictor.cls_score', classes, hidden);
  const deltas = dense('box_predictor.bbox_pred', 4 * classes, hidden);
  return tf.model({ inputs: input, outputs: [logits, deltas] });
}

/** Features of regions `[regions, 7, 7, channels]` in a row, as the reference's first dense layer has its inputs: channel by channel. */
export function inRow(features: tf.Tensor4D): tf.Tensor2D {
  return tf.tidy(() => {
    const [, height, width, channels] = features.shape;
    return tf.reshape(tf.transpose(features, [0, 3, 1, 2]), [-1, channels * height * width]);
  });
}
