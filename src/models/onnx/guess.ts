import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { fail } from '../../common/errors.js';
import { attempt } from '../../common/outcome.js';
import { readTextSync } from '../../common/text-file.js';
import type { TaskName } from '../../tasks/names.js';
import { IMAGENET, type Preprocessing } from '../preprocessing.js';
import { answerKind } from './answer.js';
import type { OnnxConfig, OnnxInput } from './config.js';
import { checkedNodes } from './check.js';
import { candidates } from './describe.js';
import { headConfig, headIn, isUltralytics, type HeadOptions } from './guess-head.js';
import { TFJS_PRODUCER, type Model, type ValueInfo } from './model.js';
import { strideOf } from './stride.js';

/** What a user states of a file; the rest is found in it. */
export interface OnnxOptions extends HeadOptions {
  task?: TaskName;
  compare?: string[];
  classes?: string[];
  mean?: Preprocessing['mean'];
  std?: Preprocessing['std'];
  size?: { height: number; width: number };
  layout?: OnnxInput['layout'];
  channels?: OnnxInput['channels'];
  /** Pictures are resized so that the shorter side has `resize` pixels, and cut; or stretched or fitted into the network's size. */
  fit?: NonNullable<Preprocessing['fit']> | NonNullable<OnnxInput['fit']>;
  answer?: OnnxConfig['answer'];
}

/** How a file is used, and for each part where that is known from. */
export interface OnnxUse {
  task: TaskName;
  /** Names of what it tells apart; undefined where the task has none, or the file does not say. */
  classes?: string[];
  preprocessing: Preprocessing;
  input: OnnxInput;
  compare: string[];
  answer: OnnxConfig['answer'];
  /** Of a detector whose boxes are read. */
  head?: OnnxConfig['head'];
  /** `mean` to `0.485,0.456,0.406 (preprocessor_config.json)`. */
  sources: Record<string, string>;
}

/** Fields of transformers' `preprocessor_config.json` that say what pictures become. */
const preprocessorSchema = z.object({
  do_normalize: z.boolean().optional(),
  image_mean: z.array(z.number()).length(3).optional(),
  image_std: z.array(z.number()).length(3).optional(),
  rescale_factor: z.number().positive().optional(),
  size: z.union([z.number(), z.record(z.string(), z.number())]).optional(),
  crop_size: z.union([z.number(), z.record(z.string(), z.number())]).optional(),
});
const labelsSchema = z.object({ id2label: z.record(z.string(), z.string()) });

/** What a file beside the model holds; undefined where it is missing or another's. */
function beside<T>(path: string, name: string, schema: z.ZodType<T>): T | undefined {
  const file = join(dirname(path), name);
  if (!existsSync(file)) return undefined;
  return schema.safeParse(attempt(() => JSON.parse(readTextSync(file)) as unknown)).data;
}

/**
 * How a file is used: as the options say, then as `preprocessor_config.json` and `config.json` beside it or its metadata do, then as its shapes
 * let guess.
 *
 * @throws E_ONNX_INPUT for a file that takes anything but one picture, E_USAGE where there is nothing to compare
 */
export function guessUse(model: Model, path: string, options: OnnxOptions = {}): OnnxUse {
  const sources: Record<string, string> = {};
  const from = <T>(what: string, text: (value: T) => string, choices: [T | undefined, string][]): T => {
    const [value, origin] = choices.find(([one]) => one !== undefined)!;
    sources[what] = `${text(value!)} (${origin})`;
    return value!;
  };
  const info = pictureOf(model, path);
  const unbatched = info.shape?.length === 3;
  const shape = unbatched ? [1, ...info.shape!] : (info.shape ?? []);
  const compare = from('compare', (names: string[]) => names.join(', '), [
    [options.compare, '--compare'],
    [compareOf(model, options.task), "the file's outputs"],
  ]);
  const outputs = compare.map((name) => model.graph.outputs.find((one) => one.name === name));
  const kind = options.head ?? (options.task === undefined || options.task === 'features' ? headIn(model) : undefined);
  const task = from<TaskName>('task', String, [
    [options.task, '--task'],
    [kind && 'features', 'a detector'],
    [taskOf(outputs), "shape of the file's outputs"],
  ]);
  const layout = from<OnnxInput['layout']>('layout', String, [
    [options.layout, '--layout'],
    [isChannels(shape[1]) ? 'nchw' : isChannels(shape[3]) ? 'nhwc' : undefined, `shape [${shape}] of ${info.name}`],
    ['nchw', 'default'],
  ]);
  const [sides, count] = layout === 'nchw' ? [shape.slice(2), shape[1]] : [shape.slice(1, 3), shape[3]];
  const channels = from<OnnxInput['channels']>('channels', String, [
    [options.channels, '--channels'],
    [count === 1 ? 'gray' : undefined, `shape [${shape}] of ${info.name}`],
    ['rgb', 'default'],
  ]);
  const [height, width] = sides;
  const fixed = typeof height === 'number' && typeof width === 'number' ? { height, width } : undefined;
  const config = beside(path, 'preprocessor_config.json', preprocessorSchema);
  const size =
    options.size || fixed
      ? from<OnnxInput['size'] & object>('size', (one) => `${one.height}x${one.width}`, [
          [options.size, '--size'],
          [fixed, `shape [${shape}] of ${info.name}`],
        ])
      : undefined;
  requireSize(options.size, { height, width });
  const isDense = task === 'segmentation' || task === 'foreground';
  const crop = typeof options.fit === 'object' ? options.fit : isDense || options.fit ? undefined : cropOf(config);
  if (crop) sources['fit'] = `${crop.resize}:${crop.crop} (${options.fit ? '--fit' : 'preprocessor_config.json'})`;
  const inGraph = size ? (typeof options.fit === 'string' ? options.fit : isUltralytics(model) ? 'letterbox' : 'stretch') : undefined; // prettier-ignore
  if (inGraph && !crop) sources['fit'] = `${inGraph} (${options.fit ? '--fit' : isUltralytics(model) ? 'ultralytics' : 'default'})`; // prettier-ignore
  const head = kind && headConfig(kind, compare[0]!, options, size);
  if (head) sources['head'] = `${kind} (${options.head ? '--head' : 'ultralytics'}), score ${head.score}, overlap ${head.overlap}`; // prettier-ignore
  if (head && task !== 'features') fail('E_USAGE', { where: '--task', expected: 'features, beside --head', got: task });
  const stride = task !== 'classification' && !size ? strideOf(model.graph, compare) : 1;
  if (task !== 'classification' && !size) sources['stride'] = `${stride} (strides of its convolutions)`;
  const answer = from<OnnxConfig['answer']>('answer', String, [
    [options.answer, '--answer'],
    [task === 'features' ? 'logits' : undefined, 'numbers as they are'],
    [answerKind(model.graph, compare[0]!), `the node that makes ${compare[0]}`],
  ]);
  const triple = (values: readonly number[]): string => values.map((value) => Number(value.toPrecision(6))).join(',');
  // (x * factor - mean) / std = (x / 255 - mean / (255 factor)) / (std / (255 factor))
  const factor = 255 * (config?.rescale_factor ?? 1 / 255);
  const given = (values: number[] | undefined, plain: number): Preprocessing['mean'] | undefined => {
    if (!config) return undefined;
    const own = config.do_normalize === false ? undefined : values;
    return (own ?? [plain, plain, plain]).map((value) => value / factor) as Preprocessing['mean'];
  };
  const whole = isUltralytics(model) || (info.type !== undefined && !info.type.includes('float'));
  // Most models of TensorFlow.js see plain pixels in 0..1.
  const plain = model.producer === TFJS_PRODUCER;
  const mean = from<Preprocessing['mean']>('mean', triple, [
    [options.mean, '--mean'],
    [given(config?.image_mean, 0), 'preprocessor_config.json'],
    [whole ? [0, 0, 0] : undefined, 'ultralytics, or whole numbers'],
    [plain ? [0, 0, 0] : undefined, 'pixels / 255, a guess: state --mean'],
    [IMAGENET.mean, "ImageNet's, a guess: state --mean"],
  ]);
  const std = from<Preprocessing['std']>('std', triple, [
    [options.std, '--std'],
    [given(config?.image_std, 1), 'preprocessor_config.json'],
    [whole ? [1, 1, 1] : undefined, 'ultralytics, or whole numbers'],
    [plain ? [1, 1, 1] : undefined, 'pixels / 255, a guess: state --std'],
    [IMAGENET.std, "ImageNet's, a guess: state --std"],
  ]);
  const classes = options.classes ?? labelsOf(path) ?? ultralyticsNames(model);
  return {
    ...{ task, compare, answer, sources },
    ...(classes && { classes }),
    ...(head && { head }),
    preprocessing: { mean, std, ...(crop && { fit: crop }) },
    input: {
      name: info.name,
      layout,
      ...(unbatched && { unbatched }),
      channels,
      ...(size && { size }),
      ...(inGraph && { fit: inGraph }),
      stride,
    },
  };
}

/** The only input, which is a picture. @throws E_ONNX_INPUT */
function pictureOf({ graph: { inputs } }: Model, path: string): ValueInfo {
  const [only] = inputs;
  if (inputs.length === 1 && (only!.shape === undefined || isPicture(only!.shape))) return only!;
  return fail('E_ONNX_INPUT', {
    where: path,
    expected:
      'one input, pictures [batch, channels, height, width] or [batch, height, width, channels], or one picture [channels, height, width] or [height, width, channels]',
    got: inputs.map(({ name, shape }) => `${name} [${shape ?? '?'}]`).join(', ') || 'none',
    todo: 'Run it with runOnnx, or export the part of the network that takes pictures.',
  });
}

function isPicture(shape: readonly (number | string)[]): boolean {
  return shape.length === 4 || (shape.length === 3 && (shape[0] === 3 || shape[2] === 3));
}

/** @throws E_USAGE for another size than the file takes, and for none where it leaves only one side open */
function requireSize(size: OnnxOptions['size'], sides: Record<'height' | 'width', number | string | undefined>): void {
  const known = (['height', 'width'] as const).filter((side) => typeof sides[side] === 'number');
  const isTaken = size ? known.every((side) => size[side] === sides[side]) : known.length !== 1;
  if (isTaken) return;
  fail('E_USAGE', {
    where: '--size',
    expected: `HxW with ${known.map((side) => `${side} ${sides[side]}`).join(' and ')}, which the file takes`,
    got: size ? `${size.height}x${size.width}` : 'none',
  });
}

/** One output of a task that has one, else all that gearnn can compute; where it can compute none, the last value before. */
function compareOf(model: Model, task: TaskName | undefined): string[] {
  const all = candidates(model);
  const outputs = all.filter((name) => model.graph.outputs.some((one) => one.name === name));
  const found = outputs.length > 0 ? outputs : all.slice(0, 1);
  if (found.length > 0) return task === undefined || task === 'features' ? found : found.slice(0, 1);
  // Names all that is missing.
  checkedNodes(model);
  return fail('E_USAGE', {
    where: '--compare',
    expected: 'the name of a value that gearnn can compute',
    got: 'a file that has none',
    todo: 'gearnn import FILE --check names what is missing.',
  });
}

function taskOf(outputs: (ValueInfo | undefined)[]): TaskName {
  const shape = outputs[0]?.shape;
  if (outputs.length !== 1 || !shape) return 'features';
  if (shape.length === 2) return 'classification';
  if (shape.length !== 4) return 'features';
  return shape[1] === 1 || shape[3] === 1 ? 'foreground' : 'features';
}

function isChannels(side: number | string | undefined): boolean {
  return side === 1 || side === 3;
}

function cropOf(config: z.infer<typeof preprocessorSchema> | undefined): Preprocessing['fit'] {
  const side = (size: number | Record<string, number> | undefined): number | undefined =>
    typeof size === 'object' ? (size['shortest_edge'] ?? (size['height'] === size['width'] ? size['height'] : undefined)) : size; // prettier-ignore
  const resize = side(config?.size);
  if (resize === undefined) return undefined;
  const crop = side(config?.crop_size) ?? resize;
  return crop <= resize ? { resize, crop } : undefined;
}

/** `{0: 'person', 1: 'bicycle'}`, as ultralytics writes names into its files. */
function ultralyticsNames({ metadata }: Model): string[] | undefined {
  const text = metadata.get('names');
  const names = [...(text?.matchAll(/\d+: (?:'([^']*)'|"([^"]*)")/g) ?? [])].map((match) => match[1] ?? match[2]!);
  return names.length > 0 ? names : undefined;
}

function labelsOf(path: string): string[] | undefined {
  const labels = beside(path, 'config.json', labelsSchema)?.id2label;
  return labels && Object.keys(labels).sort((a, b) => Number(a) - Number(b)).map((id) => labels[id]!); // prettier-ignore
}
