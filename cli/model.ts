import type { Command } from 'commander';
import { withContext, type Context } from './context.js';
import { addExamples, classesOption, jsonOption, widthOption } from './options.js';
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
    .argument('<name>', 'as gearnn model list shows it')
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
  const { startEngine } = await import('../src/engine/start.js');
  // Counting computes nothing, so nothing native has to be there for it.
  await startEngine({ engine: 'cpu', verbose });
  const { summarize } = await import('../src/models/summary.js');
  const summary = summarize({ name, classes, width });
  if (overhead !== undefined) return showOverhead(json, overhead, summary.state);
  if (json) return printJson(summary);
  const rows = summary.tensors.map(({ name: tensor, shape, parameters }) => [tensor, shape.join(' x '), parameters]);
  printTable(rows, { head: ['tensor', 'shape', 'parameters'] });
  stdout(
    `\n${name}, ${classes} classes, width ${width}: ${summary.parameters} parameters, ${summary.state} with running statistics`,
  );
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
