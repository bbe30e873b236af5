import type { Instances } from '../../../src/detect/instances.js';
import { encodeMask } from '../../../src/detect/rle.js';
import type { LabelMap } from '../../../src/image/pixels.js';
import type { Collated } from '../../../src/tasks/arrays.js';
import type { TaskName } from '../../../src/tasks/names.js';
import { sample } from '../../ops/support/differences.js';

export const [HEIGHT, WIDTH, CLASSES, IGNORE] = [4, 6, 7, 255];

/** A mask of the whole picture. */
const WHOLE = encodeMask(new Uint8Array(HEIGHT * WIDTH).fill(1), { width: WIDTH, height: HEIGHT });

/** Outputs of a network for a batch, by name. */
export type Outputs = Record<string, Float64Array>;

interface Member {
  /** Of images of {@link HEIGHT} x {@link WIDTH}. */
  targets: unknown[];
  /** Shapes of a network's outputs for one image, by name. */
  outputs: Record<string, number[]>;
  /** Outputs that are all but sure of the targets. */
  sure(collated: Collated): Outputs;
  /** Learns from samples that its network draws: its losses have a test of their own. */
  isSampled?: true;
  /** Shapes of what two networks are compared by, one sample of each, where it is not their outputs. */
  compared?: Record<string, number[]>;
  /** The sum of its losses, in double precision; absent where nothing can be labelled. */
  loss?(outputs: Outputs, collated: Collated): number;
  /** Its distance of outputs from an answer, in double precision. */
  distance(answers: Outputs, outputs: Outputs): number;
  /** Prints the scores as JSON, out of `targets` and `outputs`, flat arrays by name. */
  program: string;
}

const logits = { logits: [HEIGHT, WIDTH, CLASSES] };

/** Room for objects in the outputs of one image. */
const ROOM = 3;

const found = { boxes: [ROOM, 4], labels: [ROOM], scores: [ROOM] };

/** What a detector says of an anchor, of a region and of the pixels of a mask. */
const said = { objectness: [], deltas: [4], logits: [CLASSES], codes: [4 * CLASSES] };

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
  detection: {
    targets: [objectsOf(2), objectsOf(3), objectsOf(2, 5)],
    isSampled: true,
    outputs: found,
    sure: sureOfObjects,
    compared: said,
    distance: detectorsApart,
    program: averagePrecision(['bbox']),
  },
  features: {
    targets: [1, 2, 3].map((seed) => ({ vector: values([1, 3], seed), map: values([1, 2, 2], seed + 3) })),
    outputs: { vector: [3], map: [2, 2] },
    sure: (collated) => Object.fromEntries(Object.entries(collated).map(([name, { data }]) => [name, Float64Array.from(data)])), // prettier-ignore
    distance: relative,
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
  instances: {
    targets: [objectsOf(2), objectsOf(3), objectsOf(2, 5)].map((own) => ({
      ...own,
      masks: Array.from(own.ids, () => WHOLE),
    })),
    isSampled: true,
    outputs: { ...found, masks: [ROOM, 28, 28] },
    sure: (collated) => {
      const sure = sureOfObjects(collated);
      return { ...sure, masks: new Float64Array(sure['labels']!.length * 28 * 28).fill(1) };
    },
    compared: { ...said, masks: [2, 1, CLASSES] },
    distance: detectorsApart,
    program: averagePrecision(['bbox', 'segm']),
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

/** A picture that objects of some classes fill wholly, each by itself. */
function objectsOf(...classes: number[]): Instances {
  return {
    ...{ width: WIDTH, height: HEIGHT },
    boxes: Float64Array.from(classes.flatMap(() => [0, 0, WIDTH, HEIGHT])),
    classes: Int32Array.from(classes),
    crowd: new Uint8Array(classes.length),
    areas: Float64Array.from(classes, () => WIDTH * HEIGHT),
    ids: Float64Array.from(classes, (_, i) => i + 1),
  };
}

function sureOfObjects({ boxes, classes }: Collated): Outputs {
  const [batch, objects] = classes!.shape as [number, number];
  const rows = Array.from({ length: batch * ROOM }, (_, i) => Math.floor(i / ROOM) * objects + (i % ROOM));
  return {
    boxes: Float64Array.from(rows.flatMap((row) => [...boxes!.data.subarray(4 * row, 4 * row + 4)])),
    labels: Float64Array.from(rows, (row) => classes!.data[row]!),
    scores: Float64Array.from(rows, (_, i) => 1 - i / 100),
  };
}

/** The mean over outputs of how far two are apart, as a part of the first. */
function relative(answers: Outputs, outputs: Outputs): number {
  const all = Object.entries(answers).map(([name, answer]) => {
    const apart = answer.reduce((sum, value, i) => sum + (value - outputs[name]![i]!) ** 2, 0);
    return apart / answer.reduce((sum, value) => sum + value ** 2, 0);
  });
  return all.reduce((sum, value) => sum + value) / all.length;
}

/** The sum of how far detectors are apart in each of their parts, by the definitions. */
function detectorsApart(answers: Outputs, outputs: Outputs): number {
  const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
  const yesOrNo = (x: number, y: number): number =>
    [1, -1].reduce((sum, sign) => sum + logistic(sign * x) * Math.log(logistic(sign * x) / logistic(sign * y)), 0);
  const smooth = (x: number, y: number): number => {
    const apart = Math.abs(x - y);
    return apart < 1 / 9 ? 4.5 * apart ** 2 : apart - 1 / 18;
  };
  const softmax = (logits: Float64Array): number[] => {
    const powers = Array.from(logits, Math.exp);
    return powers.map((power) => power / powers.reduce((sum, value) => sum + value));
  };
  const places = answers['objectness']!.length;
  const row = (all: Outputs, name: string, i: number, size: number) => all[name]!.slice(i * size, (i + 1) * size);
  let sum = 0;
  for (let i = 0; i < places; i++) {
    const sure = answers['objectness']![i]!;
    sum += yesOrNo(sure, outputs['objectness']![i]!);
    row(answers, 'deltas', i, 4).forEach((code, k) => (sum += logistic(sure) * smooth(code, outputs['deltas']![4 * i + k]!))); // prettier-ignore
    const [p, q] = [answers, outputs].map((all) => softmax(row(all, 'logits', i, CLASSES))) as [number[], number[]];
    p.forEach((likely, c) => (sum += likely * Math.log(likely / q[c]!)));
    const others = row(outputs, 'codes', i, 4 * CLASSES);
    row(answers, 'codes', i, 4 * CLASSES).forEach((code, k) => (sum += k < 4 ? 0 : p[Math.floor(k / 4)]! * smooth(code, others[k]!))); // prettier-ignore
  }
  const pixels = [...(answers['masks'] ?? [])].map((x, i) =>
    i % CLASSES === 0 ? 0 : yesOrNo(x, outputs['masks']![i]!),
  );
  const ofMasks = pixels.reduce((total, value) => total + value, 0) / (pixels.length * (1 - 1 / CLASSES) || 1);
  return sum / places + ofMasks;
}

/** In Python: pycocotools' average precision of what outputs find; masks are pasted here as torchvision describes it. */
function averagePrecision(kinds: string[]): string {
  return `import contextlib, io
from pycocotools.coco import COCO; from pycocotools.cocoeval import COCOeval; from pycocotools import mask as m
height, width, room = ${HEIGHT}, ${WIDTH}, ${ROOM}
classes = np.array(targets['classes']).reshape(-1, 16); boxes = np.array(targets['boxes']).reshape(-1, 16, 4)
def xywh(b): return [float(b[0]), float(b[1]), float(b[2]) - float(b[0]), float(b[3]) - float(b[1])]
def grid(count):
    s = np.maximum((np.arange(count) + .5) * 30 / count - .5, 0); low = np.minimum(s.astype(int), 29)
    return low, np.minimum(low + 1, 29), s - low
def paste(mask, b):
    p = np.pad(mask, 1); g = 30 / 28; cx, cy, hx, hy = (b[2] + b[0]) / 2, (b[3] + b[1]) / 2, (b[2] - b[0]) / 2 * g, (b[3] - b[1]) / 2 * g
    x0, y0, x1, y1 = (int(np.trunc(v)) for v in (cx - hx, cy - hy, cx + hx, cy + hy))
    (a, c, u), (d, e, v) = grid(max(y1 - y0 + 1, 1)), grid(max(x1 - x0 + 1, 1)); u = u[:, None]
    q = (p[a][:, d] * (1 - v) + p[a][:, e] * v) * (1 - u) + (p[c][:, d] * (1 - v) + p[c][:, e] * v) * u
    out = np.zeros((height, width), np.uint8)
    for y in range(q.shape[0]):
        for x in range(q.shape[1]):
            if 0 <= y0 + y < height and 0 <= x0 + x < width: out[y0 + y, x0 + x] = q[y, x] > .5
    return m.encode(np.asfortranarray(out))
truth = COCO(); annotations = []; results = []
for i in range(len(classes)):
    for j in range(16):
        if classes[i, j] < 0: continue
        whole = m.encode(np.asfortranarray(np.ones((height, width), np.uint8)))
        annotations.append(dict(id=len(annotations) + 1, image_id=i, category_id=int(classes[i, j]), bbox=xywh(boxes[i, j]), area=24, iscrowd=0, segmentation=whole))
    for j in range(room):
        at = i * room + j
        if outputs['labels'][at] < 0: continue
        b = np.float32(outputs['boxes'][4 * at:4 * at + 4])
        mask = {'segmentation': paste(np.array(outputs['masks'][at * 784:at * 784 + 784]).reshape(28, 28), b)} if 'masks' in outputs else {}
        results.append(dict(image_id=i, category_id=int(outputs['labels'][at]), score=float(np.float32(outputs['scores'][at])), bbox=xywh(b), **mask))
truth.dataset = dict(images=[dict(id=i, height=height, width=width) for i in range(len(classes))], annotations=annotations, categories=[dict(id=i, name=str(i)) for i in range(${CLASSES})], info={})
scores = {}
with contextlib.redirect_stdout(io.StringIO()):
    truth.createIndex(); found = truth.loadRes(results)
    for kind in ${JSON.stringify(kinds)}:
        e = COCOeval(truth, found, kind); e.evaluate(); e.accumulate(); e.summarize(); scores[kind + '.AP'] = float(e.stats[0])
print(json.dumps(scores))`;
}

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
