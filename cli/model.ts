import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { fail } from '../src/common/errors.js';
import { withContext, type Context } from './context.js';
import { addExamples, classesOption, jsonOption, widthOption } from './options.js';
import { printDescription } from './import-onnx.js';
import { printJson, printTable, stdout } from './output.js';

/** `gearnn model list|info` */
export function register(program: Command): void {
  const model = program.command('model').description('list the networks that gearnn knows, and count their parameters');
  const list = model
    .command('list')
    .description('name every network')
    .addOption(jsonOption())
    .action(withContext(listNetworks));
  addExamples(list, 'gearnn model list');
  const info = model
    .command('info')
    .description('count the parameters of a network, tensor by tensor')
    .argument('<name>', 'as gearnn model list shows it, or the folder that gearnn import has made of an ONNX file')
    .addOption(classesOption().default(19))
    .addOption(widthOption())
    .option(
      '--overhead <budget>x<n>',
      'show instead what serving n levels takes in memory, with adaptors of this budget',
    )
    .addOption(jsonOption())
    .action(withContext(showNetwork));
  addExamples(
    info,
    'gearnn model info drn-d-22 --classes 19',
    'gearnn model info drn-d-22 --classes 19 --overhead 0.2%x10',
    'gearnn model info drn-d-38 --width 0.5 --json',
    'gearnn model info resnet-50 --classes 1000',
    'gearnn model info maskrcnn-resnet50-fpn --classes 2',
    'gearnn model info nets/detector',
  );
}

async function listNetworks({ json }: Context): Promise<void> {
  const { networkNames } = await import('../src/models/registry.js');
  if (json) return printJson(networkNames());
  stdout(networkNames().join('\n'));
}

async function showNetwork(
  { json, verbose }: Context,
  name: string,
  { classes, width, overhead }: { classes: number; width: number; overhead?: string },
): Promise<void> {
  if (existsSync(join(name, 'config.json'))) return showOnnx(json, name);
  const { startEngine } = await import('../src/engine/start.js');
  // Counting computes nothing, so nothing native has to be there for it.
  await startEngine({ engine: 'cpu', verbose });
  const { summarize } = await import('../src/models/summary.js');
  const summary = summarize({ name, classes, width });
  if (overhead !== undefined) return showOverhead(json, overhead, summary.state);
  if (json) return printJson(summary);
  const rows = summary.tensors.map(({ name: tensor, shape, parameters }) => [tensor, shape.join(' x '), parameters]);
  printTable(rows, { head: ['tensor', 'shape', 'parameters'] });
  const { parameters, parametersWhereFrozen: frozen, state } = summary;
  const where = frozen === undefined ? '' : ` (${frozen} where normalization is frozen)`;
  stdout(
    `\n${name}, ${classes} classes, width ${width}: ${parameters} parameters${where}, ${state} with running statistics`,
  );
}

/** What a checkpoint's ONNX file takes and puts out, what its answers could be compared by, and its parameters. */
async function showOnnx(json: boolean, folder: string): Promise<void> {
  const [{ loadCheckpoint }, { readModel }, { candidates, describeOnnx }, { openOnnx }] = await Promise.all([
    import('../src/models/checkpoint.js'),
    import('../src/models/onnx/parse.js'),
    import('../src/models/onnx/describe.js'),
    import('../src/models/onnx/open.js'),
  ]);
  const { config } = await loadCheckpoint(folder);
  const { onnx, task = 'segmentation' } = config;
  if (!onnx) fail('E_USAGE', { where: folder, expected: 'a folder of an ONNX file', got: config.network.name });
  const path = join(folder, 'model.onnx');
  const model = readModel(path);
  const description = describeOnnx(model);
  const { parameters } = openOnnx({ ...onnx, path, task });
  const tensors = parameters.map(({ name, role, group, shape }) => ({ name, role, group, shape }));
  if (json) return printJson({ ...description, candidates: candidates(model), compare: onnx.compare, tensors });
  printTable(
    tensors.map(({ name, role, shape }) => [name, role, shape.join(' x ')]),
    { head: ['tensor', 'role', 'shape'], align: ['left', 'left', 'right'] },
  );
  stdout('');
  printDescription(description);
  stdout(`\ncompared: ${onnx.compare.join(', ')}; candidates: ${candidates(model).join(', ')}`);
}

async function showOverhead(json: boolean, text: string, total: number): Promise<void> {
  const { overheadOf } = await import('../src/select/overhead.js');
  const overhead = overheadOf(text, total);
  if (json) return printJson(overhead);
  const rows = Object.entries(overhead).map(([method, parameters]: [string, number]) => [
    method,
    String(parameters),
    `${((100 * (parameters - total)) / total).toFixed(1)}%`,
  ]);
  printTable(rows, { head: ['method', 'parameters', 'overhead'] });
}
