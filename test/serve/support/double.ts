// What takes the place of networks in tests: everything is real but the network, whose mask is the red channel of the pixels, or the sum of
// an encoded image's bytes. The stream of a frame says what else happens, such as `block:500`; the mask of a stream `count` is how
// many of its frames there have been. A checkpoint whose folder is called like an error, `E_CHECKPOINT`, fails to load with it;
// one called `crash` ends the process, and one called `classes` classifies: the likelier of two classes is the second.
import { setTimeout as sleep } from 'node:timers/promises';
import { basename } from 'node:path';
import { loadAdaptor } from '../../../src/adaptor/file.js';
import type { BrokenAdaptor } from '../../../src/adaptor/list.js';
import { type ErrorCode, fail, GearnnError } from '../../../src/common/errors.js';
import { attempt } from '../../../src/common/outcome.js';
import type { Size } from '../../../src/image/resize.js';
import type { Collated } from '../../../src/tasks/arrays.js';
import { readImageHeader } from '../../../src/image/header.js';
import { addAdaptors } from '../../../src/serve/add-adaptors.js';
import type { Runner, RunnerKind } from '../../../src/serve/engine/host.js';
import type { LoadOptions } from '../../../src/serve/engine/messages.js';
import {
  type FrameRequest,
  type Inference,
  type InferOptions,
  type ModelDescription,
  versionOf,
} from '../../../src/serve/inference.js';
import { LevelTracker } from '../../../src/serve/tracker.js';

/** What a network knows beside its weights. */
interface Memory {
  /** Versions by level. */
  levels: Map<string, string>;
  /** Frames of each stream. */
  frames: Map<string, number>;
}

async function infer(
  { frame, options = {} }: FrameRequest,
  { levels, frames }: Memory,
  batch: number,
): Promise<Inference | Error> {
  const { stream = '', level } = options;
  const count = countIn(frames, options);
  const [what, amount] = stream.split(':') as [string, string | undefined];
  if (what === 'sleep') await sleep(Number(amount));
  if (what === 'block') for (const end = Date.now() + Number(amount); Date.now() < end;);
  if (what === 'crash') process.kill(process.pid, 'SIGKILL');
  if (what === 'hang') await sleep(2 ** 30);
  if (what === 'throw') return new Error('a fault of the network');
  if (what === 'damaged')
    return new GearnnError('E_IMAGE_DECODE', { where: 'image', expected: 'a whole image', got: 'half of one' });
  const tracked = attempt(() => new LevelTracker({ levels: [...levels.keys()] }).next({}, level));
  if (tracked instanceof Error) return tracked;
  const { width, height } = frame instanceof Uint8Array ? readImageHeader(frame)! : frame;
  const mask =
    frame instanceof Uint8Array
      ? new Uint8Array(width * height).fill(frame.reduce((sum, byte) => (sum + byte) & 255, 0))
      : Uint8Array.from({ length: width * height }, (_, i) => frame.data[i * 3]!);
  if (what === 'count') mask.fill(count);
  const confidence = level === undefined ? 0.5 : 1;
  const timings = { decode: 0, detect: 0, swap: 0, forward: 1 };
  return {
    outputs: maskOutput(mask, { width, height }),
    mask,
    width,
    height,
    level: tracked.level ?? 'clean',
    version: levels.get(tracked.level ?? '') ?? 'base',
    confidence,
    source: 'stated',
    seen: { batch },
    ...(what === 'reason' && { reason: amount! }),
    timings,
  };
}

/** The outputs of a network that segments. */
export function maskOutput(data: Uint8Array, { width, height }: Size): Collated {
  return { mask: { dtype: 'int32', shape: [1, height, width], data } };
}

/** How many frames of its stream there have been, this one among them. */
function countIn(frames: Map<string, number>, { stream, start, end }: InferOptions): number {
  if (stream === undefined) return 1;
  const count = start ? 1 : (frames.get(stream) ?? 0) + 1;
  if (end) frames.delete(stream);
  else frames.set(stream, count);
  return count;
}

/** What a network that classifies says of every frame. */
const PROBABILITIES = Float32Array.of(0.25, 0.75);
const CLASSES = {
  outputs: { probabilities: { dtype: 'float32', shape: [1, 2], data: PROBABILITIES } } satisfies Collated,
  mask: new Uint8Array(0),
  probabilities: PROBABILITIES,
  top: [
    { id: 1, class: 'cat', probability: 0.75 },
    { id: 0, class: 'dog', probability: 0.25 },
  ],
};

async function load({ checkpoint, adaptors }: LoadOptions, onBroken: (broken: BrokenAdaptor) => void): Promise<Runner> {
  const name = basename(checkpoint);
  if (name.startsWith('E_')) fail(name as ErrorCode, { where: checkpoint, expected: 'a checkpoint', got: 'none' });
  if (name.startsWith('crash')) process.kill(process.pid, 'SIGKILL');
  const levels = new Map<string, string>();
  const add = async (folder: string): Promise<string> => {
    const { config, hash } = await loadAdaptor(folder);
    levels.set(config.level, versionOf(hash));
    return config.level;
  };
  if (adaptors !== undefined) await addAdaptors(adaptors, add, onBroken);
  const frames = new Map<string, number>();
  const classifies = name === 'classes';
  const describe = (): ModelDescription => ({
    name: 'double',
    network: 'double',
    width: 1,
    task: classifies ? 'classification' : 'segmentation',
    outputs: classifies
      ? [{ name: 'probabilities', datatype: 'FP32', shape: [1, 2] }]
      : [{ name: 'mask', datatype: 'UINT8', shape: [1, -1, -1] }],
    classes: (classifies ? ['dog', 'cat'] : ['all']).map((one) => ({ name: one, color: [0, 0, 0] })),
    adaptors: [...levels].map(([level, version]) => ({ level, parameters: 10, version })),
    version: 'base',
    parameters: 1000,
    engine: { name: 'double', version: '1', precision: 'fp32', threads: 1 },
    residentBytes: { base: 4000, adaptors: 40 * levels.size },
  });
  return {
    inferBatch: (requests) =>
      Promise.all(
        requests.map(async (request) => {
          const answer = await infer(request, { levels, frames }, requests.length);
          return classifies && !(answer instanceof Error) ? { ...answer, ...CLASSES } : answer;
        }),
      ),
    add,
    remove: (level) => void levels.delete(level),
    refreshBases: async () => {},
    forget: (stream) => void frames.delete(stream),
    describe,
    dispose: () => {},
  };
}

export const doubleKind: RunnerKind = { start: async () => ({}), load };
