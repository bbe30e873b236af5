import { join } from 'node:path';
import { fail } from '../src/common/errors.js';
import { readText } from '../src/common/text-file.js';
import type { OnnxOptions } from '../src/models/onnx/guess.js';
import type { OnnxDescription } from '../src/models/onnx/describe.js';
import type { Context } from './context.js';
import { keepInputs } from './keep-inputs.js';
import { printJson, printTable, stdout, summary } from './output.js';
import { refuseOverwrite } from './overwrite.js';

/** Options of `gearnn import FILE.onnx`, as commander hands them over. */
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

/** Makes a checkpoint of an ONNX file, or says what is in it. */
export async function importOnnxFile(context: Context, file: string, flags: OnnxFlags): Promise<void> {
  const { readModel } = await import('../src/models/onnx/parse.js');
  const { describeOnnx } = await import('../src/models/onnx/describe.js');
  const { inFile } = await import('../src/models/onnx/in-file.js');
  if (flags.check) {
    const description = inFile(file, () => describeOnnx(readModel(file)));
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
  const { importOnnx } = await import('../src/models/onnx/import.js');
  const { size, classes, names, task, compare, mean, std, layout, channels, fit, answer, head, score, overlap } = flags;
  const { hash, use } = await importOnnx({
    ...{ file, out, task, compare, mean, std, layout, channels, fit, answer, head, score, overlap },
    size: size && { height: size[0], width: size[1] },
    classes: names ?? (classes === undefined ? undefined : await namesIn(classes)),
  });
  const verified = verify === undefined ? undefined : await verifyOn(out, verify);
  const description = describeOnnx(readModel(file));
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
      `${name}: at most ${difference.toPrecision(2)} from onnxruntime's, whose largest is ${largest.toPrecision(3)}`,
    );
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

async function verifyOn(folder: string, picture: string) {
  const [{ loadCheckpoint, networkOf }, { verifyOnnx }, { pictureFor }] = await Promise.all([
    import('../src/models/checkpoint.js'),
    import('../src/models/onnx/verify.js'),
    import('../src/eval/picture-tensor.js'),
  ]);
  const checkpoint = await loadCheckpoint(folder);
  const network = networkOf(checkpoint);
  const images = await pictureFor(network, picture);
  try {
    return await verifyOnnx(join(folder, 'model.onnx'), network, checkpoint.config.onnx!.input, images);
  } finally {
    images.dispose();
    network.dispose();
  }
}
