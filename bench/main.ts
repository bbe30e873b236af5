import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { formatTable } from '../cli/output.js';
import { benchDetection } from './detection/bench.js';
import { detectionReport } from './detection/report.js';
import { benchDistort } from './distort.js';
import { benchMaskRcnn } from './maskrcnn.js';
import { benchOnnx, type OnnxRow } from './onnx/bench.js';
import { benchFed, fedReport, type FedRow } from './onnx/fed.js';
import { noteOf, onnxReport } from './onnx/report.js';
import { putReport } from './page.js';
import { benchPairsCommand } from './pairs/command.js';
import { benchQueueCommand } from './queue/command.js';
import { benchSequences } from './sequences.js';
import { benchServe } from './serve/bench.js';
import { benchFleetCommand, benchRollCommand } from './serve/fleet-command.js';
import { serveReport } from './serve/report.js';
import { benchRunnerMemory } from './serve/runner-memory.js';
import { benchTfjs, tfjsReport, type TfjsRow } from './tfjs/bench.js';
import { benchTiles } from './tiles.js';

/**
 * `npm run bench -- infer|train [--networks A,B --precision fp32,bf16 --batch 1,8 --threads 1,2 --peers A,B --rounds N --seconds N --out FILE
 * --page docs/benchmarks.md]`: forward passes or training steps beside onnxruntime, OpenVINO and PyTorch. What FILE has is not measured again.
 * `npm run bench -- distort [--levels A,B --rounds N --images N --out FILE]`: distortions beside Pillow and imagecorruptions.
 * `npm run bench -- detection [--data SPEC --pictures N --out FILE]`: accuracy and cost of detecting levels.
 * `npm run bench -- sequences --data SPEC [--subset NAME --crfs A,B --gops A,B --out FILE]`: bytes and PSNR of a dataset's recordings as
 * H.264, by how far key frames are apart.
 * `npm run bench -- tiles --data SPEC --checkpoint DIR [--subset NAME --images N --size HxW --tiles HxW+O,HxW+O --out FILE]`: what cutting
 * frames into tiles changes.
 * `npm run bench -- serve [--checkpoint DIR --adaptors DIR --size HxW --precision bf16 --rounds N --seconds N --networks N
 * --swaps N --requests N --out FILE]`: swaps, throughput, latency under load, memory.
 * `npm run bench -- fleet [--balancers nginx,haproxy --seconds N --streams N --every S --out FILE]`: two servers behind a balancer, of which one
 * is killed under load and started again; with `--roll` two that watch one folder of adaptors, which are replaced again and again under load.
 * `npm run bench -- runner [--checkpoint DIR --adaptors DIR --size HxW --frames N --out FILE]`: memory of a runner with its adaptors.
 * `npm run bench -- maskrcnn [--steps N --out FILE]`: Mask R-CNN against torchvision's, what it computes and what it takes.
 * `npm run bench -- onnx [--networks A,B --only TEXT --steps N --folder DIR --out FILE --page docs/onnx-networks.md]`: ONNX networks against
 * onnxruntime, answers, gradients and time; bench/onnx/export.py and scripts/onnx-real.sh make the files. What FILE has already is not measured
 * again. With `--fed` what it costs to feed scales and shifts in the place of constants, of `demo` too.
 * `npm run bench -- queue [--steps N --workers A,B --overhead MS]`: sleeping steps by workers on a queue, and how experiments scale by the
 * times of a record; with `--experiment CONFIG` that experiment by workers of one thread each, against the run without a queue.
 * `npm run bench -- chaos [--rounds N --seed N --of experiment]`: rounds in which all that takes part is killed, frozen or full, of steps that
 * sleep, or of a tiny experiment; in every tenth a worker stands still for 90 s.
 * `npm run bench -- tfjs [--only TEXT --steps N --engine wasm --out FILE]`: models of TensorFlow.js against its own executor, and the ONNX
 * files made of them against onnxruntime; scripts/tfjs-real.sh fetches them.
 */
const value = (name: string, fallback: string): string => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? fallback : (process.argv[index + 1] ?? fallback);
};
const out = value('out', '');
const write = (result: object): void => {
  if (!out) return;
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify(result, null, 2)}\n`);
};

async function detection(): Promise<void> {
  const data = value('data', 'scenes:1@360x480');
  const result = await benchDetection({ data, pictures: Number(value('pictures', '5')) });
  console.log(detectionReport(result));
  write(result);
}

async function maskrcnn(): Promise<void> {
  const result = await benchMaskRcnn(Number(value('steps', '3')));
  console.log(JSON.stringify(result, null, 2));
  write(result);
}

async function onnx(): Promise<void> {
  const networks = value('networks', '').split(',').filter(Boolean);
  const folder = value('folder', '');
  const page = value('page', '');
  if (process.argv.includes('--fed')) {
    const rows: FedRow[] = [];
    const note = (row: FedRow): void => {
      rows.push(row);
      console.error(fedReport([row]).split('\n').at(-1));
      write(rows);
    };
    await benchFed({ folder, networks, steps: Number(value('steps', '15')), note });
    console.log(fedReport(rows));
    if (page) await putReport(page, 'onnx --fed', fedReport(rows));
    return;
  }
  const known = existsSync(out) ? (JSON.parse(readFileSync(out, 'utf8')) as OnnxRow[]) : [];
  const byFile = new Map(known.map((row) => [`${row.network}.${row.exporter}`, row]));
  const all = (): OnnxRow[] => [...byFile].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  await benchOnnx({
    ...{ folder, networks, only: value('only', ''), steps: Number(value('steps', '9')), known },
    note: (row) => {
      console.error(noteOf(row));
      byFile.set(`${row.network}.${row.exporter}`, row);
      write(all());
    },
  });
  const rows = all();
  if (rows.length === 0) console.log('No ONNX files: "$(bash scripts/onnx-tools.sh)" bench/onnx/export.py makes them.');
  else console.log(onnxReport(rows));
  if (page) await putReport(page, 'onnx', onnxReport(rows));
}

async function tfjs(): Promise<void> {
  const rows: TfjsRow[] = [];
  const engine = value('engine', 'tensorflow') === 'wasm' ? 'wasm' : 'tensorflow';
  const note = (row: TfjsRow): void => {
    rows.push(row);
    console.error(`${row.network}: ${row.difference?.toExponential(1) ?? 'no output'}`);
    write(rows);
  };
  await benchTfjs({ engine, only: value('only', ''), steps: Number(value('steps', '5')), note });
  console.log(rows.length === 0 ? 'No models: bash scripts/tfjs-real.sh fetches them.' : tfjsReport(rows));
}

async function sequences(): Promise<void> {
  const rows = await benchSequences({
    data: value('data', ''),
    split: value('subset', 'val'),
    crfs: value('crfs', '24,36,42').split(',').map(Number),
    gops: value('gops', '1,12,250').split(',').map(Number),
  });
  const table = rows.map(({ crf, gop, frames, bytes, psnr, worst }) => [
    ...[crf, gop, frames],
    ...[(bytes / 1000).toFixed(2), psnr.toFixed(2), worst.toFixed(2)],
  ]);
  console.log(formatTable(table, { head: ['CRF', 'GOP', 'frames', 'kB per frame', 'mean PSNR', 'worst'] }));
  write(rows);
}

async function tiles(): Promise<void> {
  const [height, width] = value('size', '720x960').split('x').map(Number) as [number, number];
  const rows = await benchTiles({
    checkpoint: value('checkpoint', 'checkpoints/demo'),
    data: value('data', 'scenes:7'),
    split: value('subset', 'val'),
    images: Number(value('images', '10')),
    size: { height, width },
    tiles: value('tiles', '512x512+0,512x512+64,512x512+128,512x512+256').split(','),
  });
  const table = rows.map(({ tile, tiles, differ, miou, seconds }) => [
    ...[tile, tiles, `${(100 * differ).toFixed(3)}%`, miou.toFixed(4), seconds.toFixed(2)],
  ]);
  console.log(formatTable(table, { head: ['tile', 'tiles', 'pixels that differ', 'mIoU', 's per frame'] }));
  write(rows);
}

async function runner(): Promise<void> {
  const checkpoint = value('checkpoint', 'checkpoints/camvid-drn-d-22');
  const [height, width] = value('size', '352x480').split('x').map(Number) as [number, number];
  const result = await benchRunnerMemory({
    checkpoint,
    adaptors: value('adaptors', `${checkpoint}/adaptors`),
    size: { height, width },
    frames: Number(value('frames', '100')),
  });
  console.log(
    formatTable(
      Object.entries(result).map(([what, bytes]) => [what, Math.round(bytes / 1e6)]),
      { head: ['after', 'MB'] },
    ),
  );
  write(result);
}

async function serve(): Promise<void> {
  const checkpoint = value('checkpoint', 'checkpoints/demo');
  const result = await benchServe({
    checkpoint,
    adaptors: value('adaptors', `${checkpoint}/adaptors`),
    size: value('size', '128x256').split('x').map(Number) as [number, number],
    precision: value('precision', 'fp32') as 'fp32' | 'bf16',
    rounds: Number(value('rounds', '40')),
    seconds: Number(value('seconds', '5')),
    networks: Number(value('networks', '50')),
    swaps: Number(value('swaps', '100000')),
    requests: Number(value('requests', '10000')),
  });
  console.log(serveReport(result));
  write(result);
}

async function distort(): Promise<void> {
  const show = (number: number | null, digits: number): string =>
    number === null ? 'not installed' : number.toFixed(digits);
  const rounds = Number(value('rounds', '3'));
  const levels = value('levels', '=').split(',');
  const rows = await benchDistort({ rounds, images: Number(value('images', '100')), levels });
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`;
  console.log(`${machine}; ${rounds} starts of each, in turns; medians\n`);
  const table = rows.map((row) => [
    row.level,
    row.peer,
    show(row.gearnnImagesPerSecond, 0),
    show(row.peerImagesPerSecond, 0),
    show(row.speedup, 2),
    show(row.gearnnCpuSeconds, 2),
    show(row.peerCpuSeconds, 2),
  ]);
  const heads = ['peer', 'gearnn images/s', 'peer images/s', 'times as fast', 'gearnn CPU s', 'peer CPU s'];
  console.log(formatTable(table, { head: ['distort 360x480', ...heads] }));
  if (rows.some((row) => row.speedup === null)) {
    console.log('\nPeers that are not installed: bash scripts/bench-tools.sh');
  }
  write({ machine, rounds, distort: rows });
}

const COMMANDS: Readonly<Record<string, () => Promise<void>>> = {
  infer: () => benchPairsCommand('infer', value, out, write),
  train: () => benchPairsCommand('train', value, out, write),
  queue: async () => write(await benchQueueCommand('queue', value)),
  chaos: async () => write(await benchQueueCommand('chaos', value)),
  fleet: async () =>
    write(await (process.argv.includes('--roll') ? benchRollCommand(value) : benchFleetCommand(value))),
  ...{ detection, distort, maskrcnn, onnx, runner, sequences, serve, tfjs, tiles },
};

const command = COMMANDS[process.argv[2] ?? ''];
if (!command) {
  console.error(`npm run bench -- ${Object.keys(COMMANDS).sort().join('|')}`);
  process.exit(2);
}
await command();
process.exit();
