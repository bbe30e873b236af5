import type { LabelMap } from '../../../src/image/pixels.js';
import type { Collated } from '../../../src/tasks/arrays.js';
import type { TaskName } from '../../../src/tasks/names.js';
import { sample } from '../../ops/support/differences.js';

export const [HEIGHT, WIDTH, CLASSES, IGNORE] = [4, 6, 7, 255];

/** Outputs of a network for a batch, by name. */
export type Outputs = Record<string, Float64Array>;

interface Member {
  /** Of images of {@link HEIGHT} x {@link WIDTH}. */
  targets: unknown[];
  /** Shapes of a network's outputs for one image, by name. */
  outputs: Record<string, number[]>;
  /** Outputs that are all but sure of the targets. */
  sure(collated: Collated): Outputs;
  /** The sum of its losses, in double precision; absent where nothing can be labelled. */
  loss?(outputs: Outputs, collated: Collated): number;
  /** Its distance of outputs from an answer, in double precision. */
  distance(answers: Outputs, outputs: Outputs): number;
  /** Prints the scores as JSON, out of `targets` and `outputs`, flat arrays by name. */
  program: string;
}

const logits = { logits: [HEIGHT, WIDTH, CLASSES] };

/** What every task is tried with. */
export const members: Record<TaskName, Member> = {
  classification: {
    targets: [0, 6, 2, 2, 5, 1, 3],
    outputs: { logits: [CLASSES] },
    sure: sureOfClasses,
    loss: crossEntropy,
    distance: divergence,
    program: `${rowsThatCount(CLASSES)}; known = np.arange(${CLASSES}); print(json.dumps({
      'top1': top_k_accuracy_score(labels, logits, k=1, labels=known),
      'top5': top_k_accuracy_score(labels, logits, k=5, labels=known)}))`,
  },
  features: {
    targets: [1, 2, 3].map((seed) => ({ vector: values([1, 3], seed), map: values([1, 2, 2], seed + 3) })),
    outputs: { vector: [3], map: [2, 2] },
    sure: (collated) => Object.fromEntries(Object.entries(collated).map(([name, { data }]) => [name, Float64Array.from(data)])), // prettier-ignore
    distance: (answers, outputs) => {
      const all = Object.entries(answers).map(([name, answer]) => {
        const apart = answer.reduce((sum, value, i) => sum + (value - outputs[name]![i]!) ** 2, 0);
        return apart / answer.reduce((sum, value) => sum + value ** 2, 0);
      });
      return all.reduce((sum, value) => sum + value) / all.length;
    },
    program: `far = lambda name: np.linalg.norm(np.subtract(outputs[name], targets[name])) / np.linalg.norm(targets[name])
print(json.dumps({'agreement': np.mean([max(0, 1 - far(name)) for name in targets])}))`,
  },
  foreground: {
    targets: [labelMap(0), labelMap(3), labelMap(4)],
    outputs: { logits: [HEIGHT, WIDTH, 1] },
    sure: ({ labels }) => ({ logits: Float64Array.from(labels!.data, (id) => (id === IGNORE ? 0 : id > 0 ? 20 : -20)) }), // prettier-ignore
    loss: ({ logits: x }, { labels }) =>
      meanOf(labels!.data, (id, i) => Math.log(1 + Math.exp(x![i]!)) - (id > 0 ? x![i]! : 0)),
    distance: ({ logits: x }, { logits: y }) => {
      const log = (value: number): number => -Math.log(1 + Math.exp(-value));
      const all = Array.from(x!, (value, i) => {
        const p = 1 / (1 + Math.exp(-value));
        const q = 1 / (1 + Math.exp(-y![i]!));
        return { divergence: p * (log(value) - log(y![i]!)) + (1 - p) * (log(-value) - log(-y![i]!)), p, q };
      });
      const sum = (of: (place: (typeof all)[number]) => number): number => all.reduce((total, place) => total + of(place), 0); // prettier-ignore
      const [both, apart] = [sum(({ p, q }) => p + q), sum(({ p, q }) => Math.abs(p - q))];
      return sum(({ divergence }) => divergence) / all.length + 1 - (both - apart) / (both + apart);
    },
    program: `${rowsThatCount(1)}; print(json.dumps({
      'iou': jaccard_score(labels > 0, logits[:, 0] >= 0), 'pixelAccuracy': accuracy_score(labels > 0, logits[:, 0] >= 0)}))`,
  },
  segmentation: {
    targets: [labelMap(0), labelMap(3), labelMap(4)],
    outputs: logits,
    sure: sureOfClasses,
    loss: crossEntropy,
    distance: divergence,
    program: `${rowsThatCount(CLASSES)}; best = logits.argmax(1); print(json.dumps({
      'miou': jaccard_score(labels, best, average='macro'), 'pixelAccuracy': accuracy_score(labels, best)}))`,
  },
};

/** In Python: labels that count, and the logits beside them `[labels, columns]`. */
function rowsThatCount(columns: number): string {
  return `labels = np.array(targets['labels']); logits = np.array(outputs['logits']).reshape(-1, ${columns}); logits = logits[labels != ${IGNORE}]; labels = labels[labels != ${IGNORE}]`;
}

function values(shape: number[], seed: number): Collated[string] {
  const data = Float32Array.from(sample(shape.reduce((product, side) => product * side, 1), seed)); // prettier-ignore
  return { dtype: 'float32', shape, data };
}

/** Classes in turn, and a row that counts nowhere. */
function labelMap(first: number): LabelMap {
  const data = Uint8Array.from({ length: HEIGHT * WIDTH }, (_, i) => (i < WIDTH ? IGNORE : (first + i) % CLASSES));
  return { data, width: WIDTH, height: HEIGHT };
}

function sureOfClasses({ labels }: Collated): Outputs {
  const sure = new Float64Array(labels!.data.length * CLASSES);
  labels!.data.forEach((id, i) => {
    if (id !== IGNORE) sure[i * CLASSES + id] = 20;
  });
  return { logits: sure };
}

/** The mean over labels that count of `log(sum(exp(logits))) - logit of the label`. */
function crossEntropy({ logits: all }: Outputs, { labels }: Collated): number {
  return meanOf(labels!.data, (label, i) => -logSoftmax(all!, i)[label]!);
}

/** The mean over all places of `sum P (log P - log Q)`. */
function divergence({ logits: x }: Outputs, { logits: y }: Outputs): number {
  const places = x!.length / CLASSES;
  let sum = 0;
  for (let i = 0; i < places; i++) {
    const [p, q] = [logSoftmax(x!, i), logSoftmax(y!, i)];
    p.forEach((value, id) => (sum += Math.exp(value) * (value - q[id]!)));
  }
  return sum / places;
}

function logSoftmax(all: Float64Array, place: number): Float64Array {
  const row = all.subarray(place * CLASSES, (place + 1) * CLASSES);
  const total = Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0));
  return row.map((value) => value - total);
}

/** The mean of a value over labels that count. */
function meanOf(labels: ArrayLike<number>, value: (label: number, i: number) => number): number {
  const counted = Array.from(labels, (label, i) => [label, i] as const).filter(([label]) => label !== IGNORE);
  return counted.reduce((sum, [label, i]) => sum + value(label, i), 0) / counted.length;
}
