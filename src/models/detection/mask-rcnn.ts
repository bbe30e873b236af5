import tf from '../../common/tf.cjs';
import { ANCHORS_PER_CELL, anchorsOf } from '../../detect/anchors.js';
import { pyramidLevels, roiAlign, whereFilled } from '../../ops/index.js';
import type { InstanceSamples } from '../../tasks/detection/samples.js';
import { activationsOf } from '../activations.js';
import { LayerList, narrowed } from '../layer-list.js';
import { parametersOf } from '../layered-network.js';
import { layeredStems } from '../layered-stems.js';
import type { Network, NetworkConfig, NetworkOptions, Statistics } from '../network.js';
import { normalize } from '../preprocessing.js';
import { requireImages } from '../require-images.js';
import { BACKBONES } from './backbone.js';
import { BOX_SIZE, boxHead, inRow } from './box-head.js';
import { detectionsOf } from './detections.js';
import type { Detector, Features } from './detector.js';
import { currentName } from './earlier-names.js';
import { featurePyramid } from './fpn.js';
import { MASK_FEATURES, maskHead } from './mask-head.js';
import { framed, type Framing } from './prepare.js';
import { propose } from './proposals.js';
import { rpnHead } from './rpn-head.js';
import { openSampler } from './sampler.js';
import { ANCHOR_SIDES, SMALL_SETTINGS, TORCHVISION_SETTINGS, type DetectorSettings } from './settings.js';

/** What height and width are multiples of, so that each level of the pyramid has twice the pixels of the next. */
const STRIDE = 32;

/** The family's members. */
export const MASK_RCNN_VARIANTS: Readonly<
  Record<string, { backbone: keyof typeof BACKBONES; settings: DetectorSettings }>
> = {
  'maskrcnn-resnet50-fpn': { backbone: 'resnet50', settings: TORCHVISION_SETTINGS },
  'maskrcnn-resnet18-fpn': { backbone: 'resnet18', settings: TORCHVISION_SETTINGS },
  'maskrcnn-efficientnet-lite0-fpn': { backbone: 'efficientnet-lite0', settings: SMALL_SETTINGS },
};

/**
 * Mask R-CNN: boxes, classes and masks of the things in a picture, with torchvision's names.
 *
 * @param config a name out of {@link MASK_RCNN_VARIANTS}; background is the first of the classes
 * @param options.seed of the initial weights; null leaves them at 0
 * @source He, Gkioxari, Dollár, Girshick, "Mask R-CNN", ICCV 2017; torchvision, models/detection
 */
export function createMaskRcnn(config: NetworkConfig, options: NetworkOptions): Network {
  const { detector, parameters, preprocessing, stems, activations } = createDetector(config, options);
  const backbone = BACKBONES[MASK_RCNN_VARIANTS[config.name]!.backbone];
  return {
    spec: config,
    task: 'instances',
    input: { stride: STRIDE, preprocessing },
    parameters,
    openSampler: (precision) => openSampler(detector, precision),
    keepsStatistics: true,
    epsilon: config.epsilon ?? backbone.epsilon,
    renamed: currentName,
    prepare: (images, size) =>
      framed(images, size ?? { height: images.shape[1], width: images.shape[2] }, preprocessing),
    forward(images, statistics, given) {
      requireImages(images.shape, STRIDE, config.name);
      return tf.tidy((): tf.NamedTensorMap => {
        const features = detector.features(images, statistics);
        if (given?.anchors) return { ...detector.sampled(features, given as unknown as InstanceSamples) };
        const [, height, width] = images.shape;
        const { sizes, scales } = (given as unknown as Framing | undefined) ?? whole(images);
        const found = detector.detect(
          features,
          detector.propose(features, { height, width }, sizes, 'inference'),
          sizes,
        );
        // Down, across to x1, y1, x2, y2.
        const across = tf.gather(scales, tf.tensor1d([1, 0, 1, 0], 'int32'), 1);
        return { ...found, boxes: tf.mul(found.boxes, tf.expandDims(across, 1)) };
      });
    },
    stems,
    activations,
    // A model of TensorFlow.js keeps layers that are applied more than once, as the head of proposals is.
    dispose: () => tf.dispose(parameters.map(({ variable }) => variable)),
  };
}

/** The stages of such a network one by one, and its weights, which the caller disposes. */
export function createDetector(config: NetworkConfig, { seed, preprocessing: stated }: NetworkOptions) {
  const { backbone, settings } = MASK_RCNN_VARIANTS[config.name]!;
  const preprocessing = { ...BACKBONES[backbone].preprocessing, sides: settings.size, ...stated };
  const parts = buildParts(config, seed);
  return {
    detector: detectorOf(parts, settings, (images) => normalize(images, preprocessing)),
    parameters: parametersOf(parts.layers),
    preprocessing,
    stems: layeredStems(parts.body, (images) => normalize(images, preprocessing)),
    activations: () => activationsOf(parts.body, STRIDE),
  };
}

/** Of images that fill their batch and keep their size. */
function whole({ shape: [batch, height, width] }: tf.Tensor4D): Framing {
  return { sizes: tf.tile(tf.tensor2d([[height, width]]), [batch, 1]), scales: tf.ones([batch, 2]) };
}

type Parts = ReturnType<typeof buildParts>;

/** Three models: of the picture to the pyramid and what is said of the anchors, and the two heads. */
function buildParts({ name, classes, width, epsilon }: NetworkConfig, seed: number | null) {
  const { backbone, settings } = MASK_RCNN_VARIANTS[name]!;
  const channels = narrowed(settings.channels, width);
  const list = new LayerList(seed, epsilon);
  const input = tf.input({ shape: [null, null, 3] });
  const features = BACKBONES[backbone].build(input, list, { width, prefix: 'backbone.body.' });
  const levels = featurePyramid(features, list, channels, 'backbone.fpn');
  const { objectness, deltas } = rpnHead(levels, list);
  // Regions are pooled from all levels but the last.
  const body = tf.model({ inputs: input, outputs: [...levels.slice(0, -1), ...objectness, ...deltas], name });
  const boxes = boxHead(channels, narrowed(settings.hidden, width), classes, list);
  const masks = maskHead(channels, classes, list);
  return { body, boxes, masks, layers: list.layers, levels: levels.length };
}

function detectorOf(
  { body, boxes, masks, levels }: Parts,
  settings: DetectorSettings,
  prepare: (images: tf.Tensor4D) => tf.Tensor4D,
): Detector {
  const call = (model: tf.LayersModel, x: tf.Tensor, statistics?: (group: string) => Statistics): tf.Tensor[] => {
    // What is not for training is freed layer by layer.
    const outputs = model.apply(x, { training: statistics !== undefined, statistics });
    return Array.isArray(outputs) ? (outputs as tf.Tensor[]) : [outputs as tf.Tensor];
  };
  const scales = Array.from({ length: levels - 1 }, (_, i) => 1 / 2 ** (i + 2));
  const mapsOf = (height: number, width: number) =>
    ANCHOR_SIDES.map((side, i) => ({
      side,
      map: { height: Math.ceil(height / 2 ** (i + 2)), width: Math.ceil(width / 2 ** (i + 2)) },
    }));
  const pooled = (pyramid: tf.Tensor4D[], regions: tf.Tensor2D, images: tf.Tensor1D, size: number): tf.Tensor4D =>
    roiAlign(pyramid, { boxes: regions, images, levels: pyramidLevels(regions, scales.length) }, { size, scales });
  const boxesOf = ({ pyramid }: Features, regions: tf.Tensor2D, images: tf.Tensor1D, isTraining: boolean) => {
    const features = inRow(pooled(pyramid, regions, images, BOX_SIZE));
    const [logits, deltas] = call(boxes, features, isTraining ? () => 'running' : undefined);
    return { logits: logits as tf.Tensor2D, deltas: deltas as tf.Tensor2D };
  };
  const masksOf = ({ pyramid }: Features, regions: tf.Tensor2D, images: tf.Tensor1D, isTraining: boolean) => {
    const features = pooled(pyramid, regions, images, MASK_FEATURES);
    return call(masks, features, isTraining ? () => 'running' : undefined)[0] as tf.Tensor4D;
  };

  return {
    settings,
    anchors: ({ height, width }) => anchorsOf({ height, width }, mapsOf(height, width)),
    features(images, statistics) {
      const outputs = call(body, prepare(images), statistics);
      const [batch] = images.shape;
      const rows = (from: number, values: number): tf.Tensor =>
        tf.concat(outputs.slice(from, from + levels).map((x) => tf.reshape(x, [batch, -1, values])), 1); // prettier-ignore
      return {
        pyramid: outputs.slice(0, levels - 1) as tf.Tensor4D[],
        objectness: tf.squeeze<tf.Tensor2D>(rows(levels - 1, 1), [2]),
        deltas: rows(2 * levels - 1, 4) as tf.Tensor3D,
      };
    },
    propose(features, { height, width }, sizes, purpose) {
      const maps = mapsOf(height, width);
      const own = anchorsOf({ height, width }, maps);
      const anchors = {
        boxes: tf.tensor2d(own, [own.length / 4, 4]),
        counts: maps.map(({ map }) => map.height * map.width * ANCHORS_PER_CELL),
      };
      return propose(features, anchors, sizes, settings.proposals[purpose]);
    },
    detect(features, proposals, sizes) {
      const [batch, places] = proposals.isFilled.shape;
      const [logits, deltas] = whereFilled(
        tf.reshape(proposals.isFilled, [-1]) as tf.Tensor1D,
        [tf.reshape(proposals.boxes, [-1, 4]) as tf.Tensor2D, imagesOf(batch, places)],
        (boxes, images) => {
          const outputs = boxesOf(features, boxes, images, false);
          return [outputs.logits, outputs.deltas];
        },
      ) as [tf.Tensor2D, tf.Tensor2D];
      const found = detectionsOf({ logits, deltas }, proposals, sizes);
      const most = found.scores.shape[1];
      const labels = tf.reshape(found.labels, [-1]) as tf.Tensor1D;
      const [masks] = whereFilled(
        tf.cast(tf.greaterEqual(labels, 0), 'float32'),
        [tf.reshape(found.boxes, [-1, 4]) as tf.Tensor2D, imagesOf(batch, most), labels],
        (boxes, images, classes) => [ofClass(masksOf(features, boxes, images, false), classes)],
      ) as [tf.Tensor3D];
      const [, side] = masks.shape;
      return { ...found, masks: tf.reshape(masks, [batch, most, side, side]) };
    },
    sampled(features, samples) {
      const { anchors, regions, regionImages, maskRegions, maskImages } = samples;
      const { logits, deltas } = boxesOf(features, regions, regionImages, true);
      return {
        objectness: tf.gather(tf.reshape(features.objectness, [-1]), anchors),
        deltas: tf.gather(tf.reshape(features.deltas, [-1, 4]), anchors),
        logits,
        codes: deltas,
        masks: masksOf(features, maskRegions, maskImages, true),
      };
    },
  };
}

/** Masks `[k, 28, 28]`, 0..1, of each region's class: 0 throughout where it is -1. @param logits `[k, 28, 28, classes]` */
function ofClass(logits: tf.Tensor4D, classes: tf.Tensor1D): tf.Tensor3D {
  const own = tf.cast(tf.oneHot(classes, logits.shape[3]), 'float32');
  const chosen = tf.sum(tf.mul(logits, tf.expandDims(tf.expandDims(own, 1), 1)), 3);
  return tf.sigmoid(chosen) as tf.Tensor3D;
}

/** The image of each place of a batch: `[batch * places]` int32. */
function imagesOf(batch: number, places: number): tf.Tensor1D {
  return tf.tensor1d(
    Int32Array.from({ length: batch * places }, (_, i) => Math.floor(i / places)),
    'int32',
  );
}
