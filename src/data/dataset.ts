import type { GearnnError } from '../common/errors.js';
import type { TurnedFile } from './orientations.js';
import type { Targets } from '../tasks/task.js';
import type { InstanceMap, LabelMap, Pixels } from '../image/pixels.js';

export interface ClassInfo {
  name: string;
  /** Red, green, blue, 0..255: how masks of this class are drawn. */
  color: [number, number, number];
  /** No label is of it: the background of detectors, or a gap in the ids of classes. */
  unused?: true;
}

/** One image and its label. */
export interface Sample {
  /** Unique within the split, and the same on every machine. */
  id: string;
  /** Paths relative to the dataset's root, with `/`; '' in a procedural dataset. */
  image: string;
  /**
   * Path of the label file, or what the sample shows where that is a text: a class's name, objects as JSON; '' too for a frame that nobody has labelled, as
   * there are in {@link Recordings}.
   */
  label: string;
}

/** Which images of a dataset are consecutive frames. */
export interface Recordings {
  /** What makes images consecutive frames, for messages. */
  rule: string;
  /** What to do where a sample has no neighbours, the beginning of a sentence. */
  todo: string;
  /** How far the numbers at the end of two consecutive names are apart at most, where these alone tell: a list dataset's `frameGap`. */
  gap?: number;
  /**
   * All of them, whatever the split, each in the order of time; frames without a label are among them where they are there. A sample
   * without neighbours is a run of one.
   */
  find(): Promise<Sample[][]>;
}

/** Labelled images, however they are stored; every kind in `registry.ts` gives one. */
export interface Dataset {
  /** What opens it again: `camvid:DIR`. */
  spec: string;
  /** Short name for tables and paths: `camvid`. */
  name: string;
  /** The folder that samples' paths start from; null in a procedural dataset. */
  root: string | null;
  classes: ClassInfo[];
  /** What samples are labelled with, and for which task. */
  targets: Targets;
  /** The id of pixels that count nowhere: not in the loss, not in a score. -1 where everything counts. */
  ignore: number;
  splits: string[];
  /** Images may be smaller than their label maps, as a level of `resolution` makes them; else the two are of one size. */
  resized?: boolean;
  /** Of a split, or of a part such as `all[drive=0006R0]` that `parts.ts` names. @throws E_DATA_SPLIT with the splits that there are */
  samples(split: string): Sample[];
  /** @throws E_DATA_MISSING, E_IMAGE_DECODE */
  readImage(sample: Sample): Promise<Pixels>;
  /** The image before it was distorted; absent where none is asked for. @throws what {@link readImage} throws */
  readClean?(sample: Sample): Promise<Pixels>;
  /** Labels are not asked for, and not read where there are some: every pixel counts as {@link ignore}. */
  unlabelled?: boolean;
  /** The image file as it is stored, which `decodeImage` turns into what `readImage` gives; absent in a procedural dataset. */
  readImageBytes?(sample: Sample): Promise<Uint8Array>;
  /** What the image's EXIF orientation turned; undefined where it states none. Absent in a procedural dataset. */
  turned?(sample: Sample): Promise<TurnedFile | undefined>;
  /** What `targets` place and stack: a label map, a class id, the objects of a picture. @throws what reading the label's file throws */
  readTarget(sample: Sample): Promise<unknown>;
  /**
   * The label map, where label maps are what there is: ids `0..classes.length-1` or `ignore`, of the image's size, or larger in a {@link resized} dataset.
   *
   * @throws E_DATA_MISSING, E_IMAGE_DECODE, E_IMAGE_LABELS, E_DATA_LABEL, E_DATA_SIZE
   */
  readLabel(sample: Sample): Promise<LabelMap>;
  /** What is wrong with the label of a sample though it can be read; absent where reading it finds all. @throws what {@link readTarget} throws */
  inspect?(sample: Sample): Promise<GearnnError[]>;
  /** Paths of a sample's image and label, where these are not its two paths below `root`: `filesOf` tells in any case. */
  files?(sample: Sample): string[];
  /** Whether the label file holds the very ids that `readLabel` gives; where absent or false, only decoding it tells. */
  storesClassIds?(sample: Sample): boolean;
  /** Absent where nothing tells consecutive frames from other images. */
  recordings?: Recordings;
  /** The drive that an image was taken on, where the image's name does not say it before its number; `parts.ts` has what that means. */
  driveOf?(sample: Sample): string;
  /** Object ids, 0 where there is no object; absent where the dataset has none. */
  readInstances?(sample: Sample): Promise<InstanceMap>;
}
