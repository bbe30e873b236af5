import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { fail } from '../../common/errors.js';
import type { ConfusionMatrix } from './confusion.js';

/** What an evaluation's IoU is made of, image by image: all that resampling images needs. Each `[images, classes]`, in pixels. */
export interface ImageCounts {
  images: number;
  classes: number;
  /** Right pixels. */
  both: Uint32Array;
  /** Pixels of the class. */
  truth: Uint32Array;
  /** Pixels taken for the class, those that do not count left out. */
  predicted: Uint32Array;
}

/** @param confusions one per image, of as many classes each */
export function imageCounts(confusions: readonly ConfusionMatrix[]): ImageCounts {
  const classes = confusions[0]?.classes ?? 0;
  const size = confusions.length * classes;
  const [both, truth, predicted] = [new Uint32Array(size), new Uint32Array(size), new Uint32Array(size)];
  confusions.forEach(({ counts }, image) => {
    for (let c = 0; c < classes; c++) {
      const at = image * classes + c;
      both[at] = counts[c * classes + c]!;
      for (let other = 0; other < classes; other++) {
        truth[at]! += counts[c * classes + other]!;
        predicted[at]! += counts[other * classes + c]!;
      }
    }
  });
  return { images: confusions.length, classes, both, truth, predicted };
}

/** Counts as text, the truth apart: it is the same in all evaluations of the same images. */
export interface PackedCounts {
  images: number;
  classes: number;
  truth: string;
  answers: string;
}

/** Missed and wrongly taken pixels are small numbers, so they are what is written: a few bytes per image and class. */
export function packCounts({ images, classes, both, truth, predicted }: ImageCounts): PackedCounts {
  const missed = truth.map((count, i) => count - both[i]!);
  const wrong = predicted.map((count, i) => count - both[i]!);
  return { images, classes, truth: pack(truth), answers: pack(Uint32Array.from([...missed, ...wrong])) };
}

/** @throws E_EVAL_COUNTS for text that does not hold so many numbers */
export function unpackCounts({ images, classes, truth: written, answers }: PackedCounts): ImageCounts {
  const size = images * classes;
  const truth = unpack(written, size);
  const both = truth.slice();
  const predicted = new Uint32Array(size);
  const numbers = unpack(answers, 2 * size);
  for (let i = 0; i < size; i++) {
    both[i]! -= numbers[i]!;
    predicted[i] = both[i]! + numbers[size + i]!;
  }
  return { images, classes, both, truth, predicted };
}

/** Seven bits a byte, the lowest first, the eighth set where more follow; then deflate and base64. */
function pack(numbers: Uint32Array): string {
  const bytes: number[] = [];
  for (let number of numbers) {
    for (; number > 127; number = Math.floor(number / 128)) bytes.push((number % 128) + 128);
    bytes.push(number);
  }
  return deflateRawSync(Uint8Array.from(bytes), { level: 9 }).toString('base64');
}

function unpack(text: string, expected: number): Uint32Array {
  const numbers: number[] = [];
  try {
    let [number, factor] = [0, 1];
    for (const byte of inflateRawSync(Buffer.from(text, 'base64'))) {
      number += (byte % 128) * factor;
      if (byte > 127) factor *= 128;
      else {
        numbers.push(number);
        [number, factor] = [0, 1];
      }
    }
  } catch {
    numbers.length = 0;
  }
  if (numbers.length === expected) return Uint32Array.from(numbers);
  return fail('E_EVAL_COUNTS', {
    where: 'counts',
    expected: `${expected} numbers`,
    got: `${numbers.length}`,
    todo: 'Take the file back from version control, or delete it; gearnn run writes a new one.',
  });
}
