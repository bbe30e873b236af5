import { Random } from '../../../src/common/random.js';
import { averagesOf } from '../../../src/report/averages.js';
import type { FrameExample } from '../../../src/report/frames.js';
import type { MethodInfo, ResultRow, Results } from '../../../src/report/schema.js';
import { memoryTable } from '../../../src/select/memory.js';
import { memberSizes, type Group, type SplitSummary } from '../../../src/select/split-summary.js';

const TOTAL = 15_897_051;
const BUDGET = 31_794;
const LEVELS = [
  'jpeg=3',
  'jpeg=5',
  'jpeg=8',
  'jpeg=10',
  'jpeg=15',
  'jpeg=20',
  'jpeg=30',
  'jpeg=50',
  'jpeg=70',
  'jpeg=100',
];
const NAMES = 'sky,building,pole,road,pavement,tree,sign,fence,car,pedestrian,bicyclist'.split(',');
const ORIGINAL = [0.329, 0.375, 0.42, 0.443, 0.475, 0.492, 0.506, 0.516, 0.521, 0.526];
const ADAPTOR = [0.402, 0.439, 0.478, 0.503, 0.514, 0.52, 0.525, 0.527, 0.529, 0.528];
const SWITCHING = [0.421, 0.465, 0.495, 0.512, 0.521, 0.526, 0.529, 0.531, 0.53, 0.529];

/** The paper's own comparison. */
export const PAPER_METHODS: MethodInfo[] = [
  {
    name: 'original',
    kind: 'original',
    description: 'the base, trained on clean images, at every level',
    resident: 'network',
    options: {},
  },
  {
    name: 'adaptor',
    kind: 'adaptor',
    description: "the base with that level's few adapted weights",
    resident: 'adaptors',
    options: {},
  },
  {
    name: 'switching',
    kind: 'switching',
    description: 'a whole network fine-tuned for each level',
    resident: 'networks',
    options: {},
  },
];

/** Results as an experiment on CamVid could have them; made up, the same on every call. */
export function exampleResults(levels: readonly string[] = LEVELS): Results {
  const random = Random.of(1, 'results');
  const rows: ResultRow[] = [row('original', 'clean', 0.526, random)];
  levels.forEach((level, i) => {
    rows.push(row('original', level, ORIGINAL[i]!, random));
    rows.push(row('switching', level, SWITCHING[i]!, random));
    rows.push(row('adaptor', level, ADAPTOR[i]!, random));
  });
  const splits = levels.map((level, i) => split(level, i, Random.of(2, level)));
  return {
    format: 'gearnn-results',
    version: 1,
    experiment: 'camvid-jpeg',
    network: 'drn-d-22',
    width: 1,
    classes: NAMES.map((name, i) => ({ name, color: [20 * i, 255 - 20 * i, (70 * i) % 256] })),
    levels: [...levels],
    methods: PAPER_METHODS,
    rows,
    averages: averagesOf({ levels: [...levels], methods: PAPER_METHODS, rows }),
    intervals: [],
    frequency: [],
    memory: memoryTable(
      TOTAL,
      PAPER_METHODS.map((method) => ({ ...method, levels: levels.length, sizes: splits.map(({ size }) => size) })),
    ),
    budget: { text: '0.2%', parameters: BUDGET, granularity: 'tensor' },
    splits,
    choices: splits.map((made) => ({
      method: 'adaptor',
      level: made.level,
      items: made.items,
      size: made.size,
      groups: memberSizes(made),
    })),
    training: levels.flatMap((level, i) => [
      { method: 'switching' as const, level, learningRate: 0.001, epochs: 4, loss: 0.31 - 0.01 * i, seconds: 160 },
      { method: 'adaptor' as const, level, learningRate: 0.01, epochs: 4, loss: 0.35 - 0.01 * i, seconds: 110 },
    ]),
    rates: ['jpeg=5', 'jpeg=50'].flatMap((level) => [
      { method: 'switching' as const, level, learningRate: 0.001, score: 0.461, chosen: true },
      { method: 'switching' as const, level, learningRate: 0.03, score: null, chosen: false },
      { method: 'adaptor' as const, level, learningRate: 0.001, score: 0.412, chosen: false },
      { method: 'adaptor' as const, level, learningRate: 0.03, score: 0.437, chosen: true },
    ]),
    data: {
      name: 'camvid',
      train: { split: 'train', samples: 367 },
      validate: { split: 'val', samples: 101 },
    },
    environment: {
      gearnn: '0.1.0',
      node: '20.20.2',
      engine: 'tensorflow',
      engineVersion: '2.21.0',
      tfjs: '4.22.0',
      precision: { train: 'bf16', evaluate: 'fp32' },
      threads: 2,
      cpu: 'Some CPU @ 2.00GHz',
      machines: [
        { machine: { processor: 'Some CPU @ 2.00GHz', engine: 'tensorflow', version: '2.21.0' }, steps: 40 },
        { machine: { processor: 'A CPU', gpu: 'Some GPU 80GB', engine: 'tensorflow', version: '2.20.0' }, steps: 1 },
        { machine: null, steps: 9 },
      ],
    },
    commands: ['CAMVID=DIR npx gearnn run experiments/camvid-jpeg/config.json'],
  };
}

/** Pictures of one colour in place of real frames. */
export function exampleFrames(): FrameExample[] {
  const pixel = 'data:image/gif;base64,R0lGODlhAQABAIAAAAUEBAAAACwAAAAAAQABAAACAkQBADs=';
  const masks = { original: pixel, adaptor: pixel, switching: pixel };
  return [{ id: 'val/<0001>', level: 'jpeg=3', width: 480, height: 360, image: pixel, truth: pixel, masks }];
}

function row(method: ResultRow['method'], level: string, miou: number, random: Random): ResultRow {
  const iou = NAMES.map((_, i) => Math.min(1, Math.max(0, miou + (0.35 - 0.07 * i) + 0.02 * random.normal())));
  const parameters = method === 'adaptor' ? TOTAL + 29_000 : TOTAL;
  return { method, level, scores: { miou, pixelAccuracy: 0.87 }, primary: 'miou', iou, parameters };
}

/** Item names and sizes as in DRN-D: a convolution and a normalization per unit, units in parts. */
function split(level: string, index: number, random: Random): SplitSummary {
  const sensitivity: SplitSummary['sensitivity'] = [];
  const put = (name: string, group: Group, size: number, scale: number): void => {
    const value = scale * Math.exp(0.6 * random.normal()) * (1 - 0.07 * index);
    sensitivity.push({ name, group, size, value, changed: Math.min(1, value * 900) });
  };
  for (const [part, units] of [1, 1, 1, 4, 4, 5, 5, 1, 1].entries()) {
    const channels = [16, 16, 32, 64, 128, 256, 512, 512, 512][part]!;
    for (let unit = 0; unit < units; unit++) {
      put(`base.${part}.${unit}.conv.weight`, 'convolution', 9 * channels * channels, 4e-5);
      put(`base.${part}.${unit}.bn.weight`, 'normalization', channels, 5e-4);
      put(`base.${part}.${unit}.bn.bias`, 'normalization', channels, 5e-4);
      put(`base.${part}.${unit}.bn.running`, 'statistics', 2 * channels, 9e-3);
    }
  }
  put('seg.weight', 'convolution', 5632, 3e-4);
  put('seg.bias', 'convolution', 11, 4e-4);
  const chosen = sensitivity.filter(({ size, value }) => size < 2000 && (size < 900 || value > 4e-4));
  return {
    level,
    items: chosen.map(({ name }) => name),
    size: chosen.reduce((sum, { size }) => sum + size, 0),
    value: chosen.reduce((sum, { value }) => sum + value, 0),
    sensitivity,
  };
}

/** As {@link exampleResults}, with the adaptor at a second budget and other methods beside it, up to `count` in all. */
export function manyMethods(count: number): Results {
  const results = exampleResults();
  const others = Array.from({ length: count - PAPER_METHODS.length }, (_, i) => ({
    name: i === 0 ? 'adaptor-1%' : `method-${i}`,
    kind: i === 0 ? 'adaptor' : `method-${i}`,
    description: 'made up',
    resident: 'adaptors' as const,
    options: i === 0 ? { budget: '1%' } : {},
  }));
  // Before the adaptor itself, which stands for its kind all the same.
  const methods = [...others, ...PAPER_METHODS];
  const rows = [...results.rows];
  others.forEach(({ name }, i) => {
    for (const own of results.rows.filter(({ method }) => method === 'adaptor')) {
      const scores = { ...own.scores, miou: own.scores['miou']! + 0.01 - 0.005 * i };
      rows.push({ ...own, method: name, scores, parameters: own.parameters + 120_000 });
    }
  });
  const { levels } = results;
  const interval = { against: 'adaptor', block: 10, resamples: 2000 };
  return {
    ...results,
    ...{ methods, rows, averages: averagesOf({ levels, methods, rows }) },
    intervals: [
      { ...interval, method: 'adaptor-1%', points: 1, low: 0.4, high: 1.7 },
      { ...interval, method: 'switching', points: 0.9, low: -0.2, high: 2.1 },
    ],
  };
}

/** As {@link exampleResults}, of a network that classifies: top-1 and top-5. */
export function topResults(): Results {
  const results = exampleResults(['jpeg=3', 'jpeg=5']);
  const rows = results.rows.map(({ method, level, parameters, scores }) => ({
    ...{ method, level, parameters },
    scores: { top1: scores['miou']!, top5: 0.9 },
    primary: 'top1',
  }));
  return { ...results, rows, averages: averagesOf({ ...results, rows }) };
}
