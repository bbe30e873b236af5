import tf from '../../common/tf.cjs';
import type { Boxes } from '../../detect/boxes.js';
import { MASK_SIDE } from '../../detect/mask-targets.js';
import type { BoxesThatTeach } from '../../detect/teaching.js';
import type { InstanceSamples } from '../../tasks/detection/samples.js';
import type { DetectorSettings } from './settings.js';

/** Places for masks double from here until all fit: a compiled graph for each. */
const FEWEST_MASKS = 16;

interface Mask {
  box: Boxes;
  image: number;
  label: number;
  target?: Float32Array;
}

/** The samples of a batch while they are drawn, image by image. */
export class SampleArrays {
  private readonly anchors: Record<'labels' | 'weights' | 'codes', Float32Array> & { indices: Int32Array };
  private readonly regions: Record<'boxes' | 'codes', Float32Array> & Record<'images' | 'labels', Int32Array>;
  private readonly masks: Mask[] = [];
  private anchorCount = 0;
  private regionCount = 0;

  /** @param batch images in it */
  constructor(batch: number, settings: Pick<DetectorSettings, 'anchors' | 'regions'>) {
    const [anchors, regions] = [batch * settings.anchors, batch * settings.regions];
    const floats = (length: number): Float32Array => new Float32Array(length);
    this.anchors = { indices: new Int32Array(anchors), labels: floats(anchors), weights: floats(anchors), codes: floats(4 * anchors) }; // prettier-ignore
    this.regions = {
      boxes: floats(4 * regions),
      codes: floats(4 * regions),
      images: new Int32Array(regions),
      labels: new Int32Array(regions).fill(-1),
    };
  }

  /** @param first index of the image's first anchor among those of the batch */
  addAnchors({ indices, objects, codes }: BoxesThatTeach, first: number): void {
    const { anchors, anchorCount: at } = this;
    indices.forEach((index, i) => (anchors.indices[at + i] = first + index));
    objects.forEach((object, i) => (anchors.labels[at + i] = object >= 0 ? 1 : 0));
    anchors.weights.fill(1, at, at + indices.length);
    anchors.codes.set(codes, 4 * at);
    this.anchorCount += indices.length;
  }

  /** @param classes of the image's objects */
  addRegions({ boxes, objects, codes }: BoxesThatTeach & { boxes: Boxes }, image: number, classes: number[]): void {
    const { regions, regionCount: at } = this;
    regions.boxes.set(boxes, 4 * at);
    regions.codes.set(codes, 4 * at);
    regions.images.fill(image, at, at + objects.length);
    objects.forEach((object, i) => (regions.labels[at + i] = object >= 0 ? classes[object]! : 0));
    this.regionCount += objects.length;
  }

  /** @param target `[28, 28]`; 0 where there is none */
  addMask(box: Boxes, image: number, label: number, target?: Float32Array): void {
    this.masks.push({ box, image, label, target });
  }

  /** The caller disposes them. */
  tensors(): { [K in keyof InstanceSamples]: InstanceSamples[K] } {
    const { anchors, regions, masks } = this;
    let places = FEWEST_MASKS;
    while (places < masks.length) places *= 2;
    const boxes = new Float32Array(4 * places);
    const targets = new Float32Array(places * MASK_SIDE * MASK_SIDE);
    const [images, labels] = [new Int32Array(places), new Int32Array(places)];
    masks.forEach(({ box, image, label, target }, i) => {
      boxes.set(box, 4 * i);
      if (target) targets.set(target, i * MASK_SIDE * MASK_SIDE);
      images[i] = image;
      labels[i] = label;
    });
    return {
      anchors: tf.tensor1d(anchors.indices, 'int32'),
      anchorLabels: tf.tensor1d(anchors.labels),
      anchorWeights: tf.tensor1d(anchors.weights),
      anchorTargets: tf.tensor2d(anchors.codes, [anchors.labels.length, 4]),
      regions: tf.tensor2d(regions.boxes, [regions.labels.length, 4]),
      regionImages: tf.tensor1d(regions.images, 'int32'),
      regionLabels: tf.tensor1d(regions.labels, 'int32'),
      regionTargets: tf.tensor2d(regions.codes, [regions.labels.length, 4]),
      maskRegions: tf.tensor2d(boxes, [places, 4]),
      maskImages: tf.tensor1d(images, 'int32'),
      maskLabels: tf.tensor1d(labels, 'int32'),
      maskTargets: tf.tensor3d(targets, [places, MASK_SIDE, MASK_SIDE]),
    };
  }
}
