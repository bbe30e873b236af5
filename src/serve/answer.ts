import { fail } from '../common/errors.js';
import type { ScoredBoxes } from '../detect/scored-boxes.js';
import type { Detections as Objects } from '../detect/instances.js';
import { rleToText } from '../detect/rle-text.js';
import type { Collated } from '../tasks/arrays.js';
import type { TaskName } from '../tasks/names.js';
import type { PackedArray, Task } from '../tasks/task.js';

/** What a network says of a frame. */
export interface Answer {
  /** All of it, by name, `[1, ...]` each: `mask` of a network that segments, `probabilities` of one that classifies. */
  outputs: Collated;
  /** The output `mask`, row-major, `height * width`: a class id per pixel, or 1 for foreground; empty where the answer is none. */
  mask: Uint8Array;
  /** The output `probabilities`, of a network that classifies, `[classes]`. */
  probabilities?: Float32Array;
  /** What was found, of a network that finds objects: to the last digit, with masks. */
  objects?: Objects;
}

/** One of the likeliest classes of a frame. */
export interface TopClass {
  id: number;
  class: string;
  /** 0..1 */
  probability: number;
}

/** A box that a detector has found. */
export interface FoundBox {
  /** Corners x0, y0, x1, y1 in pixels of the picture, from its left upper corner. */
  box: [number, number, number, number];
  /** The corners of a box that may be turned, clockwise from the left upper one, of a network that finds texts. */
  corners?: [x: number, y: number][];
  /** Id of its class, and the name. */
  class: number;
  label: string;
  /** 0..1 */
  score: number;
  /** Its mask as COCO's compressed run lengths, of a network that gives masks. */
  segmentation?: { size: [height: number, width: number]; counts: string };
}

const NO_MASK = new Uint8Array(0);

/** @param answer of the task's `decode` */
export function answerOf(task: Task, answer: unknown): Answer {
  const outputs = task.pack(answer);
  const { mask, probabilities } = outputs;
  return {
    outputs,
    mask: mask?.data instanceof Uint8Array ? mask.data : NO_MASK,
    ...(FIND_OBJECTS.has(task.name) && { objects: answer as Objects }),
    ...(task.name === 'classification' && { probabilities: probabilities!.data as Float32Array }),
  };
}

/** The likeliest classes, the likeliest first; of those that are equally likely, the one with the lowest id. */
export function topClasses(probabilities: Float32Array, classes: readonly { name: string }[], count = 5): TopClass[] {
  return classes
    .map(({ name }, id) => ({ id, class: name, probability: probabilities[id]! }))
    .sort((a, b) => b.probability - a.probability || a.id - b.id)
    .slice(0, count);
}

/** Tasks whose answers are objects. */
const FIND_OBJECTS: ReadonlySet<string> = new Set<TaskName>(['detection', 'instances']);

/** The boxes of a picture, the surest first, to a hundredth of a pixel. */
export function foundBoxes(
  { boxes, scores, classes, corners }: ScoredBoxes,
  names: readonly { name: string }[],
): FoundBox[] {
  return Array.from(scores, (score, i) => {
    const [x0, y0, x1, y1] = hundredths(boxes.subarray(4 * i, 4 * i + 4));
    const turned = corners && hundredths(corners.subarray(8 * i, 8 * i + 8));
    const id = classes[i]!;
    return {
      box: [x0!, y0!, x1!, y1!],
      ...(turned && { corners: [0, 2, 4, 6].map((k): [number, number] => [turned[k]!, turned[k + 1]!]) }),
      ...{ class: id, label: names[id]!.name, score: Math.round(score * 1e4) / 1e4 },
    };
  });
}

function hundredths(values: Float32Array): number[] {
  return Array.from(values, (value) => Math.round(value * 100) / 100);
}

/** Boxes, and masks where there are some, of what a network for objects has found. */
export function foundObjects({ boxes, masks, ...found }: Objects, names: readonly { name: string }[]): FoundBox[] {
  const corners = Float32Array.from(boxes, (value, i) => (i % 4 < 2 ? value : value + boxes[i - 2]!));
  const { scores, classes } = found;
  const all = foundBoxes(
    { boxes: corners, scores: Float32Array.from(scores), classes: Uint16Array.from(classes) },
    names,
  );
  return all.map((own, i) => {
    const mask = masks?.[i];
    return mask ? { ...own, segmentation: { size: [mask.height, mask.width], counts: rleToText(mask) } } : own;
  });
}

/** Makes sure that a network gives what is asked of it. @throws E_DATA_TASK */
export function requireOutput(
  { task, outputs }: { task: string; outputs: readonly PackedArray[] },
  wanted: string,
  where: string,
  todo: string,
): void {
  if (outputs.some(({ name }) => name === wanted)) return;
  const names = outputs.map(({ name }) => name).join(', ');
  fail('E_DATA_TASK', { where, expected: `a network that puts out ${wanted}`, got: `one for ${task}: ${names}`, todo });
}
