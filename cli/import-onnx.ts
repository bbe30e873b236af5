import { join } from 'node:path';
import { fail } from '../src/common/errors.js';
import { readText } from '../src/common/text-file.js';
import type { OnnxOptions } from '../src/models/onnx/guess.js';
import type { OnnxDescription } from '../src/models/onnx/describe.js';
import type { Model } from '../src/models/onnx/model.js';
import type { Context } from './context.js';
import { keepInputs } from './keep-inputs.js';
import { printJson, printTable, stdout, summary } from './output.js';
import { refuseOverwrite } from './overwrite.js';

/** Options of `gearnn import FILE.onnx` and `gearnn import model.json`, as commander hands them over. */
export interface OnnxFlags extends Pick<
  OnnxOptions,
  'task' | 'compare' | 'mean' | 'std' | 'layout' | 'channels' | 'fit' | 'answer' | 'head' | 'score' | 'overlap'
> {
  out?: string;
  classes?: string;
  names?: string[];
  size?: [height: number, width: number];
  check?: boolean;
  verify?: string;
  force?: boolean;
}

/** Whether a file is read as a model of TensorFlow.js. */
export function isTfjsFile(file: string): boolean {
  return /\.json$/i.test(file);
}

/** Makes a checkpoint of an ONNX file or a model of TensorFlow.js, or says what is in it. */
export async function importOnnxFile(context: Context, file: string, flags: OnnxFlags): Promise<void> {
  const { describeOnnx } = await import('../src/models/onnx/describe.js');
  const { inFile } = await import('../src/models/onnx/in-file.js');
  if (flags.check) {
    const model = await readFileAsModel(context, file);
    const description = inFile(file, () => describeOnnx(model));
    if (context.json) printJson(description);
    else printDescription(description);
    // Printed all the same: what a file holds is what was asked for.
    const { requireOps } = await import('../src/models/onnx/check.js');
    return requireOps(description.missing, file);
  }
  const { out, force, verify } = flags;
  if (out === undefined) fail('E_USAGE', { where: '--out', expected: 'the folder of the checkpoint', got: 'none' });
  refuseOverwrite(join(out, 'config.json'), force);
  await keepInputs(
    { files: { '--out': ['config.json', 'model.onnx'].map((name) => join(out, name)) } },
    { files: { file, '--verify': verify } },
  );
  const { openEngine } = await import('./engine-start.js');
  await openEngine(context, { precision: 'fp32' });
  const importFile = isTfjsFile(file)
    ? (await import('../src/models/tfjs/import.js')).importTfjs
    : (await import('../src/models/onnx/import.js')).importOnnx;
  const { size, classes, names, task, compare, mean, std, layout, channels, fit, answer, head, score, overlap } = flags;
  const { hash, use } = await importFile({
    ...{ file, out, task, compare, mean, std, layout, channels, fit, answer, head, score, overlap },
    size: size && { height: size[0], width: size[1] },
    classes: names ?? (classes === undefined ? undefined : await namesIn(classes)),
  });
  const verified = verify === undefined ? undefined : await verifyOn(file, out, verify);
  const description = describeOnnx(await readFileAsModel(context, file));
  if (context.json) {
    const { sources, ...used } = use;
    return printJson({
      ...description,
      checkpoint: out,
      hash,
      ...used,
      sources,
      ...(verify !== undefined && { verified: verified ?? null }),
    });
  }
  printTable(Object.entries(use.sources), { align: ['left', 'left'] }, summary);
  summary(`${out} holds ${file} for ${use.task}, ${description.parameters} weights, ${hash}.`);
  if (verify === undefined) return;
  if (!verified) return summary('Not verified: onnxruntime-node is not installed (npm install onnxruntime-node).');
  for (const { name, difference, largest } of verified)
    summary(
      `${name}: at most ${difference.toPrecision(2)} from ${isTfjsFile(file) ? "TensorFlow.js'" : "onnxruntime's"}, whose largest is ${largest.toPrecision(3)}`,
    );
}

async function readFileAsModel({ verbose }: Context, file: string): Promise<Model> {
  if (!isTfjsFile(file)) return (await import('../src/models/onnx/parse.js')).readModel(file);
  const { readTfjs } = await import('../src/models/tfjs/read.js');
  const { runningEngine, startEngine } = await import('../src/engine/start.js');
  // TensorFlow.js reads layers into tensors; nothing native has to be there for it.
  if (!runningEngine()) await startEngine({ engine: 'cpu', verbose });
  return (await readTfjs(file)).model;
}

/** What a file holds, for people. */
export function printDescription({ inputs, outputs, parameters, ops, missing }: OnnxDescription): void {
  const rows = [
    ...inputs.map((one) => ({ ...one, kind: 'input' })),
    ...outputs.map((one) => ({ ...one, kind: 'output' })),
  ];
  printTable(
    rows.map(({ kind, name, type, shape }) => [kind, name, type ?? '?', shape ? shape.join(' x ') : '?']),
    { align: ['left', 'left', 'left', 'left'] },
  );
  stdout(`\n${parameters} weights; ${Object.entries(ops).map(([op, count]) => `${op} ${count}`).join(', ')}`); // prettier-ignore
  if (missing.length === 0) return stdout('gearnn has every operation.');
  stdout('\ngearnn lacks:');
  printTable(missing.map(({ op, node }) => [op, node]), { align: ['left', 'left'] }); // prettier-ignore
}

/** Class names, one a line. */
async function namesIn(file: string): Promise<string[]> {
  const names = (await readText(file)).split(/\r?\n/).map((line) => line.trim());
  while (names.at(-1) === '') names.pop();
  return names;
}

async function verifyOn(file: string, folder: string, picture: string) {
  const [{ loadCheckpoint, networkOf }, { verifyOnnx }, { verifyTfjs }, { pictureFor }] = await Promise.all([
    import('../src/models/checkpoint.js'),
    import('../src/models/onnx/verify.js'),
    import('../src/models/tfjs/verify.js'),
    import('../src/eval/picture-tensor.js'),
  ]);
  const checkpoint = await loadCheckpoint(folder);
  const network = networkOf(checkpoint);
  const images = await pictureFor(network, picture);
  try {
    const onnx = join(folder, 'model.onnx');
    const { input } = checkpoint.config.onnx!;
    if (isTfjsFile(file)) return await verifyTfjs({ path: file, onnx }, network, input, images);
    return await verifyOnnx(onnx, network, input, images);
  } finally {
    images.dispose();
    network.dispose();
  }
}
