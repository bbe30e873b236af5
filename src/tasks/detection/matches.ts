import { packNumbers, unpackNumbers } from '../numbers-text.js';
import type { PackedCounts } from '../task.js';

/** Numbers per detection in {@link Matches.states}: four ranges of sizes by COCO's rules, one by Pascal VOC's. */
export const STATES = 5;

/** Numbers of an entry of {@link Matches.positives}: a class, and objects per range of sizes. */
const POSITIVES = 5;

/** Which detections of one image or several find objects: what every score follows from. */
export interface Matches {
  /** Per image and class with objects: the class, and how many objects count among all, small, medium and large ones. */
  positives: number[][];
  /** Of each detection, image by image, class by class, from the surest on. */
  classes: number[];
  /** Its place among those of its image and class. */
  ranks: number[];
  scores: number[];
  /** {@link STATES} per detection. Of COCO's: bits 0..9 at which thresholds it finds an object, bits 10..19 at which it counts nowhere. */
  states: number[];
}

export function noMatches(): Matches {
  return { positives: [], classes: [], ranks: [], scores: [], states: [] };
}

export function addMatches(sum: Matches, { positives, classes, ranks, scores, states }: Matches): void {
  const append = <T>(all: T[], more: readonly T[]): void => more.forEach((value) => void all.push(value));
  append(sum.positives, positives);
  append(sum.classes, classes);
  append(sum.ranks, ranks);
  append(sum.scores, scores);
  append(sum.states, states);
}

/** Matches of images one by one, of each kind of overlap, as text. */
export function packMatches(images: readonly (readonly Matches[])[]): PackedCounts {
  const all = images.flat();
  const truth = all.flatMap(({ positives }) => [positives.length, ...positives.flat()]);
  const answers = all.flatMap(({ classes, ranks, scores, states }) => [
    classes.length,
    ...classes,
    ...ranks,
    ...words(scores),
    ...states,
  ]);
  // How many numbers there are comes first, as an image has any number of them.
  return { truth: `${truth.length}:${packNumbers(truth)}`, answers: `${answers.length}:${packNumbers(answers)}` };
}

/** @throws E_EVAL_COUNTS for text that does not hold matches of so many images */
export function unpackMatches({ truth, answers }: PackedCounts, images: number, kinds: number): Matches[][] {
  const [objects, found] = [reader(truth), reader(answers)];
  const unpacked = Array.from({ length: images }, () =>
    Array.from({ length: kinds }, (): Matches => {
      const positives = Array.from({ length: objects(1)[0]! }, () => objects(POSITIVES));
      const [count] = found(1) as [number];
      const [classes, ranks] = [found(count), found(count)];
      const scores = [...new Float64Array(Uint32Array.from(found(2 * count)).buffer)];
      return { positives, classes, ranks, scores, states: found(STATES * count) };
    }),
  );
  for (const read of [objects, found]) read(0, true);
  return unpacked;
}

/** The two halves of each number's bits. */
function words(values: readonly number[]): Uint32Array {
  return new Uint32Array(Float64Array.from(values).buffer);
}

/** Hands out the numbers of a text in turn. */
function reader(text: string): (count: number, last?: boolean) => number[] {
  const colon = text.indexOf(':');
  const numbers = unpackNumbers(text.slice(colon + 1), Number(text.slice(0, colon)));
  let at = 0;
  return (count, last = false) => {
    const end = at + count;
    // As unpacking does, where there are too few, or too many.
    if (end > numbers.length || (last && end < numbers.length)) unpackNumbers(packNumbers(numbers), end);
    return [...numbers.subarray(at, (at = end))];
  };
}
