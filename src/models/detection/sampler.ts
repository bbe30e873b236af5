import tf from '../../common/tf.cjs';
import { takeBoxes, type Boxes } from '../../detect/boxes.js';
import { taughtRows, type Instances } from '../../detect/instances.js';
import { MASK_SIDE, maskTarget } from '../../detect/mask-targets.js';
import { decodeMask } from '../../detect/rle.js';
import { anchorsThatTeach, regionsThatTeach } from '../../detect/teaching.js';
import { compile } from '../../engine/compile.js';
import type { Precision } from '../../engine/precision.js';
import { tidyValues } from '../../engine/tidy-values.js';
import type { Size } from '../../image/resize.js';
import { uncollateInstances } from '../../tasks/detection/targets.js';
import type { Sampler } from '../sampler.js';
import type { Detector } from './detector.js';
import { SampleArrays } from './sample-arrays.js';

/**
 * Draws the anchors and regions that teach a detector: the network proposes regions in one compiled graph, and they are matched with the objects in
 * plain numbers.
 */
export function openSampler(detector: Detector, precision: Precision): Sampler {
  const { settings } = detector;
  const propose = compile(
    (images: tf.Tensor4D) => {
      const [batch, height, width] = images.shape;
      const sizes = tf.tile(tf.tensor2d([[height, width]]), [batch, 1]);
      return { ...detector.propose(detector.features(images), { height, width }, sizes, 'training') };
    },
    undefined,
    { precision, makesVariables: false },
  );
  const anchorsOf = new Map<string, Boxes>();
  const anchorsFor = ({ height, width }: Size): Boxes => {
    const key = `${height}x${width}`;
    if (!anchorsOf.has(key)) anchorsOf.set(key, detector.anchors({ height, width }));
    return anchorsOf.get(key)!;
  };
  const proposalsOf = (images: tf.Tensor4D): Boxes[] =>
    tidyValues(() => {
      const { boxes, isFilled } = propose(images);
      const [batch, places] = isFilled!.shape as [number, number];
      const [corners, filled] = [boxes!.dataSync() as Float32Array, isFilled!.dataSync()];
      return Array.from({ length: batch }, (_, i) => {
        const count = filled.subarray(i * places, (i + 1) * places).filter((flag) => flag === 1).length;
        return corners.slice(4 * i * places, 4 * (i * places + count));
      });
    });

  return {
    draw(images, targets, random) {
      const [, height, width] = images.shape;
      const anchors = anchorsFor({ height, width });
      const arrays = new SampleArrays(images.shape[0], settings);
      const objects = targets && uncollateInstances(targets);
      proposalsOf(images).forEach((proposals, image) => {
        const { boxes, classes, masks } = objects ? taughtOf(objects[image]!) : likelyOf(proposals);
        const ofAnchors = anchorsThatTeach(anchors, boxes, settings.anchors, random);
        arrays.addAnchors(ofAnchors, (image * anchors.length) / 4);
        const ofRegions = regionsThatTeach(proposals, boxes, settings.regions, random);
        const regions = takeBoxes(ofRegions.boxes, ofRegions.indices);
        arrays.addRegions({ ...ofRegions, boxes: regions }, image, classes);
        ofRegions.objects.forEach((object, i) => {
          if (object < 0) return;
          const box = regions.slice(4 * i, 4 * i + 4);
          const target = masks && maskTarget(masks(object), { height, width }, box, MASK_SIDE);
          arrays.addMask(box, image, classes[object]!, target);
        });
      });
      return arrays.tensors();
    },
    dispose: () => propose.dispose(),
  };
}

interface Taught {
  boxes: Boxes;
  classes: number[];
  /** Pixels of an object's mask, by its index. */
  masks?(object: number): Uint8Array;
}

/** How many of the best proposals stand for objects where nothing is labelled. */
const LIKELY = 16;

/** Where objects are likely, for what is to be compared there: what they are nothing says. */
function likelyOf(proposals: Boxes): Taught {
  const boxes = proposals.slice(0, 4 * LIKELY);
  return { boxes, classes: Array.from({ length: boxes.length / 4 }, () => 1) };
}

/** The objects of an image that teach. */
function taughtOf(given: Instances): Taught {
  const rows = taughtRows(given);
  const pixels = new Map<number, Uint8Array>();
  return {
    boxes: Float32Array.from(
      rows.flatMap((row) => {
        const [x, y, width, height] = given.boxes.subarray(4 * row, 4 * row + 4) as unknown as [number, number, number, number]; // prettier-ignore
        return [x, y, x + width, y + height];
      }),
    ),
    classes: rows.map((row) => given.classes[row]!),
    masks: (object: number): Uint8Array => {
      if (!pixels.has(object)) pixels.set(object, decodeMask(given.masks![rows[object]!]!));
      return pixels.get(object)!;
    },
  };
}
