import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { packageRoot } from '../src/common/package-root.js';
import { Random } from '../src/common/random.js';
import { encodeMask } from '../src/detect/rle.js';
import { compile } from '../src/engine/compile.js';
import { startEngine } from '../src/engine/start.js';
import { createPredictor } from '../src/eval/predictor.js';
import { createDetector } from '../src/models/detection/mask-rcnn.js';
import { framed } from '../src/models/detection/prepare.js';
import { toReference } from '../src/models/layout.js';
import { isLearned, type Network } from '../src/models/network.js';
import { normalize } from '../src/models/preprocessing.js';
import { createNetwork } from '../src/models/registry.js';
import { decodeSafetensors, toFloat32 } from '../src/models/safetensors.js';
import { loadStateDict, type StateDict } from '../src/models/state-dict.js';
import { instancesTask } from '../src/tasks/instances/task.js';
import { createStep } from '../src/train/training-step.js';
import { stepOnBatch } from '../src/train/batch-step.js';
import { labels } from '../src/train/objectives/labels.js';
import { median, peerPython, runJson } from './peer.js';

const NAME = 'maskrcnn-resnet50-fpn';
const TRAINED = { height: 320, width: 480 };

export interface MaskRcnnResult {
  /** How far stages are from torchvision's: the largest difference. */
  stages: Record<'transform' | 'pyramid' | 'objectness' | 'codes' | 'anchors', number>;
  /** Torchvision's proposals, how many of them are here within a hundredth of a pixel, and how many of these in the same place. */
  proposals: Record<'all' | 'found' | 'inPlace', number>;
  /** How far answers, losses and gradients are from torchvision's: the largest difference. */
  differences: Record<'scores' | 'boxes' | 'masks' | 'losses', number>;
  /** Of gradients: how far norms are, as a part of torchvision's, at most. */
  gradients: number;
  /** Median seconds; a step is one of SGD with momentum. */
  seconds: Record<'step' | 'answer', { gearnn: number; torchvision: number }>;
  /** Of a process that has done nothing but the steps and answers. */
  peakMegabytes: { gearnn: number; torchvision: number };
}

/** Mask R-CNN with ResNet-50 beside torchvision's with the same weights, in fp32: what it computes, and what a step and an answer take. */
export async function benchMaskRcnn(steps: number): Promise<MaskRcnnResult> {
  const python = peerPython('torchvision');
  if (python === null) throw new Error('torchvision is not installed: scripts/onnx-tools.sh');
  const folder = mkdtempSync(join(tmpdir(), 'gearnn-bench-'));
  try {
    const script = join(packageRoot(), 'bench', 'peers', 'maskrcnn_torchvision.py');
    type Peer = Record<'step' | 'answer', number[]> & { peakMegabytes: number };
    const peer = runJson<Peer>(python, [script, folder, String(steps)]);
    await startEngine({ engine: 'tensorflow' });
    const own = await time(join(folder, 'state.safetensors'), steps);
    const peakMegabytes = process.resourceUsage().maxRSS / 1024;
    const preprocessing = { sides: { shortest: 224, longest: 320 } };
    const network = createNetwork({ name: NAME, classes: 2, width: 1 }, { seed: null, preprocessing });
    loadStateDict(network, readState(join(folder, 'state.safetensors')));
    const { differences, gradients } = compare(network, join(folder, 'results.safetensors'));
    network.dispose();
    return {
      ...compareStages(join(folder, 'state.safetensors'), join(folder, 'results.safetensors')),
      differences,
      gradients,
      seconds: {
        step: { gearnn: median(own.step), torchvision: median(peer.step) },
        answer: { gearnn: median(own.answer), torchvision: median(peer.answer) },
      },
      peakMegabytes: { gearnn: peakMegabytes, torchvision: peer.peakMegabytes },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readState(path: string): StateDict {
  const { tensors } = decodeSafetensors(readFileSync(path), path);
  return new Map([...tensors].map(([name, tensor]) => [name, { shape: tensor.shape, data: toFloat32(tensor) }]));
}

function largest(own: tf.Tensor, reference: tf.Tensor): number {
  return tf.tidy(() => tf.max(tf.abs(tf.sub(own, reference))).dataSync()[0]!);
}

/** Tensors of a file by their names. */
function tensorsIn(path: string): { names: string[]; of: (name: string) => tf.Tensor } {
  const { tensors } = decodeSafetensors(readFileSync(path), path);
  const of = (name: string): tf.Tensor => {
    const { shape, dtype, bytes } = tensors.get(name)!;
    const { buffer } = Uint8Array.from(bytes);
    return dtype === 'I32' ? tf.tensor(new Int32Array(buffer), [...shape], 'int32') : tf.tensor(new Float32Array(buffer), [...shape]); // prettier-ignore
  };
  return { names: [...tensors.keys()], of };
}

/** The file's image in 0..255, `[1, height, width, 3]`. */
function imageIn(of: (name: string) => tf.Tensor): tf.Tensor4D {
  return tf.tidy(() => tf.mul(tf.expandDims(tf.transpose(of('image'), [1, 2, 0])), 255));
}

/** Each stage of the network, from the image on. */
function compareStages(state: string, path: string): Pick<MaskRcnnResult, 'stages' | 'proposals'> {
  const { of } = tensorsIn(path);
  const sides = { shortest: 224, longest: 320 };
  const options = { seed: null, preprocessing: { sides } };
  const { detector, parameters, preprocessing } = createDetector({ name: NAME, classes: 2, width: 1 }, options);
  loadStateDict({ parameters } as unknown as Network, readState(state));
  return tf.tidy(() => {
    const size = { height: sides.shortest, width: sides.longest };
    const { images, given } = framed(imageIn(of), size, preprocessing);
    const features = detector.features(images);
    const channelsFirst = (x: tf.Tensor): tf.Tensor => tf.transpose(x, [0, 3, 1, 2]);
    const levels = features.pyramid.map((level, i) => largest(channelsFirst(level), of(`level.${i}`)));
    const [anchors, wanted] = [detector.anchors(size), of('proposals').arraySync() as number[][]];
    const { boxes, isFilled } = detector.propose(features, size, given.sizes, 'inference');
    const own = (boxes.arraySync()[0] as number[][]).filter((_, i) => isFilled.dataSync()[i] === 1);
    const isSame = (a: number[], b: number[] = []): boolean => a.every((side, i) => Math.abs(side - b[i]!) <= 0.01);
    return {
      stages: {
        transform: largest(channelsFirst(normalize(images, preprocessing)), of('transformed')),
        pyramid: Math.max(...levels),
        objectness: largest(tf.reshape(features.objectness, [-1]), of('objectness')),
        codes: largest(tf.reshape(features.deltas, [-1, 4]), of('deltas')),
        anchors: largest(tf.tensor2d(anchors, [anchors.length / 4, 4]), of('anchors')),
      },
      proposals: {
        all: wanted.length,
        found: wanted.filter((box) => own.some((other) => isSame(box, other))).length,
        inPlace: wanted.filter((box, i) => isSame(box, own[i])).length,
      },
    };
  });
}

function compare(network: Network, path: string): Pick<MaskRcnnResult, 'differences' | 'gradients'> {
  const { names: all, of } = tensorsIn(path);
  const images = imageIn(of);
  const { boxes, scores, masks } = network.forward(images);
  const differences = {
    scores: largest(scores!, tf.reshape(of('scores'), scores!.shape)),
    boxes: largest(boxes!, tf.reshape(of('boxes'), boxes!.shape)),
    masks: largest(masks!, tf.reshape(of('masks'), masks!.shape)),
    losses: 0,
  };
  const names = all.filter((name) => name.startsWith('samples/'));
  const learned = network.parameters.filter(isLearned);
  const step = compile((image: tf.Tensor4D, ...given: tf.Tensor[]) => {
    const samples = Object.fromEntries(names.map((name, i) => [name.slice('samples/'.length), given[i]!]));
    let parts: tf.Tensor[] = [];
    const { grads } = tf.variableGrads(
      () => {
        const losses = Object.values(
          instancesTask().losses(
            network.forward(image, () => 'running', samples),
            samples,
          ),
        );
        parts = losses.map((loss) => tf.keep(tf.clone(loss)));
        return tf.addN(losses) as tf.Scalar;
      },
      learned.map(({ variable }) => variable),
    );
    return [tf.stack(parts), ...learned.map(({ variable }) => grads[variable.name]!)];
  });
  const [losses, ...gradients] = step(images, ...names.map(of));
  differences.losses = largest(losses!, of('losses'));
  const ratios = learned.map((parameter, i) => {
    const values = toReference(gradients[i]!.dataSync() as Float32Array, parameter);
    const norm = of(`sums/${parameter.name}`).dataSync()[0]!;
    return norm === 0 ? 0 : Math.abs(Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)) - norm) / norm;
  });
  step.dispose();
  return { differences, gradients: Math.max(...ratios) };
}

/** Seconds of steps and answers; the first of each, which makes the graphs, is left out. */
async function time(state: string, steps: number): Promise<Record<'step' | 'answer', number[]>> {
  const { height, width } = TRAINED;
  const preprocessing = { sides: { shortest: height, longest: width } };
  const network = createNetwork({ name: NAME, classes: 2, width: 1 }, { seed: null, preprocessing });
  loadStateDict(network, readState(state));
  const task = instancesTask();
  const random = Random.of(1);
  const images = Uint8Array.from({ length: height * width * 3 }, () => random.integer(256));
  const corners = [[30, 20, 110, 200], [150, 40, 230, 190], [240, 100, 300, 220]] as const; // prettier-ignore
  const targets = task.collate(
    [
      {
        width,
        height,
        boxes: Float64Array.from(corners.flatMap(([x1, y1, x2, y2]) => [x1, y1, x2 - x1, y2 - y1])),
        classes: Int32Array.from([1, 1, 1]),
        crowd: new Uint8Array(3),
        areas: Float64Array.from(corners, ([x1, y1, x2, y2]) => (x2 - x1) * (y2 - y1)),
        ids: Float64Array.from([1, 2, 3]),
        masks: corners.map(([x1, y1, x2, y2]) =>
          encodeMask(
            Uint8Array.from({ length: height * width }, (_, i) => {
              const [x, y] = [i % width, Math.floor(i / width)];
              return Number(x >= x1 && x < x2 && y >= y1 && y < y2);
            }),
            { width, height },
          ),
        ),
      },
    ],
    [''],
  );
  const batch = { index: 0, ids: [''], images, targets, batch: 1, height, width };
  const timed = (action: () => void): number[] => {
    action();
    return Array.from({ length: steps }, () => {
      const start = performance.now();
      action();
      return (performance.now() - start) / 1000;
    });
  };
  const predictor = createPredictor(network, task);
  const answer = timed(() => void predictor.predict({ images, batch: 1, height, width }));
  predictor.dispose();
  const settings = { momentum: 0.9, weightDecay: 1e-4, seed: 0 };
  const step = createStep({ network, task, settings } as Parameters<typeof createStep>[0]);
  // At a rate of 0 the weights stay, and with them what is found.
  const options = { objective: labels, learningRate: 0, epoch: 0, seed: 0 };
  const seconds = timed(() => void stepOnBatch(step, batch, options));
  step.dispose();
  network.dispose();
  return { step: seconds, answer };
}
