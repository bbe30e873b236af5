import type { LabelMap } from '../../../src/image/pixels.js';
import type { TaskName } from '../../../src/tasks/names.js';

export const [HEIGHT, WIDTH, CLASSES, IGNORE] = [4, 6, 7, 255];

interface Member {
  /** Of images of {@link HEIGHT} x {@link WIDTH}. */
  targets: unknown[];
  /** Values that a network puts out for each label. */
  channels: number;
  /** What a network puts out that is all but sure of every target, `[..., channels]`. */
  sure(labels: readonly number[]): Float32Array;
  /** The sum of its losses, in double precision, for outputs `[..., channels]`. */
  loss(logits: Float64Array, labels: readonly number[]): number;
  /** Prints the scores as JSON, out of `labels` and `logits` `[labels, channels]`. */
  program: string;
}

/** Of tasks whose networks put out a logit per class. */
const CLASS_LOGITS = { channels: CLASSES, sure: sureLogits, loss: crossEntropy };

/** What every task is tried with. */
export const members: Record<TaskName, Member> = {
  classification: {
    targets: [0, 6, 2, 2, 5, 1, 3],
    ...CLASS_LOGITS,
    program: `known = np.arange(${CLASSES}); print(json.dumps({
      'top1': top_k_accuracy_score(labels, logits, k=1, labels=known),
      'top5': top_k_accuracy_score(labels, logits, k=5, labels=known)}))`,
  },
  segmentation: {
    targets: [labelMap(0), labelMap(3), labelMap(4)],
    ...CLASS_LOGITS,
    program: `best = logits.argmax(1); print(json.dumps({
      'miou': jaccard_score(labels, best, average='macro'), 'pixelAccuracy': accuracy_score(labels, best)}))`,
  },
};

/** Classes in turn, and a row that counts nowhere. */
function labelMap(first: number): LabelMap {
  const data = Uint8Array.from({ length: HEIGHT * WIDTH }, (_, i) => (i < WIDTH ? IGNORE : (first + i) % CLASSES));
  return { data, width: WIDTH, height: HEIGHT };
}

function sureLogits(labels: readonly number[]): Float32Array {
  const logits = new Float32Array(labels.length * CLASSES);
  labels.forEach((id, i) => {
    if (id !== IGNORE) logits[i * CLASSES + id] = 20;
  });
  return logits;
}

/** The mean over labels that count of `log(sum(exp(logits))) - logit of the label`. */
function crossEntropy(logits: Float64Array, labels: readonly number[]): number {
  let [sum, count] = [0, 0];
  labels.forEach((label, i) => {
    if (label === IGNORE) return;
    const row = logits.subarray(i * CLASSES, (i + 1) * CLASSES);
    sum += Math.log(row.reduce((total, value) => total + Math.exp(value), 0)) - row[label]!;
    count++;
  });
  return sum / count;
}
