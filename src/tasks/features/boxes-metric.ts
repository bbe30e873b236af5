import { z } from 'zod';
import { boxAgreement, commonBoxes, type BoxCounts } from '../../detect/agreement.js';
import { decodeHead, type NetworkHead } from '../../detect/heads/decode.js';
import type { Metric } from '../task.js';
import { featuresMetric, numbersOf, type Distances } from './metric.js';
import type { Features } from './targets.js';

/** Counts of a detector's answers: of their boxes, and of their numbers. */
export interface BoxesCounts {
  boxes: BoxCounts;
  outputs: Distances;
}

/**
 * Agreement of a detector's answers: F1 of boxes of the same class that overlap by at least half, over all images, NaN where neither answer has
 * any; and that of the numbers that they are read from.
 */
export function boxesMetric(head: NetworkHead): Metric<Features, BoxesCounts> {
  const numbers = featuresMetric();
  return {
    primary: 'f1',
    headings: { f1: 'F1 of boxes', ...numbers.headings },
    none,
    count(target, answer, where) {
      const outputs = numbers.count(target, answer, where);
      // Of a picture of which nothing is known.
      if (!target[head.output]) return { ...none(), outputs };
      // Overlaps are the same in the network's pixels as in the picture's.
      return { outputs, boxes: commonBoxes(decodeHead(head, answer), decodeHead(head, target)) };
    },
    merge(sum, { boxes, outputs }) {
      for (const name of Object.keys(boxes) as (keyof BoxCounts)[]) sum.boxes[name] += boxes[name];
      numbers.merge(sum.outputs, outputs);
    },
    scores: ({ boxes, outputs }) => ({ f1: boxAgreement(boxes), ...numbers.scores(outputs) }),
    classScores: () => ({}),
    pack(images) {
      const { truth, answers } = numbers.pack(images.map(({ outputs }) => outputs));
      return { truth, answers: JSON.stringify({ outputs: answers, boxes: images.map(({ boxes }) => boxes) }) };
    },
    unpack({ truth, answers }, images) {
      const packed = numbersOf(answers, packedSchema(images));
      const outputs = numbers.unpack({ truth, answers: packed.outputs }, images);
      return packed.boxes.map((boxes, i) => ({ boxes, outputs: outputs[i]! }));
    },
  };
}

function none(): BoxesCounts {
  return { boxes: { both: 0, own: 0, wanted: 0 }, outputs: {} };
}

const count = z.int().min(0);

function packedSchema(images: number) {
  return z.object({
    outputs: z.string(),
    boxes: z.array(z.object({ both: count, own: count, wanted: count })).length(images),
  });
}
