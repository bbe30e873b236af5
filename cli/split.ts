import { Option, type Command } from 'commander';
import { fail } from '../src/common/errors.js';
import type { Chooser } from '../src/select/choosers/chooser.js';
import type { ChooserName } from '../src/select/choosers/registry.js';
import type { Granularity } from '../src/select/item.js';
import type { Split } from '../src/select/split.js';
import type { ValueName } from '../src/select/values/registry.js';
import { withContext, type Context } from './context.js';
import { keepInputs } from './keep-inputs.js';
import { addExamples, forceOption, jsonOption, seedOption } from './options.js';
import { printJson, printTable, stdout, summary } from './output.js';
import { refuseOverwrite } from './overwrite.js';

interface Options {
  base?: string;
  tuned?: string;
  sensitivity?: string;
  budget: string;
  granularity: Granularity;
  values?: ValueName;
  choose?: ChooserName;
  others?: string[];
  seed: number;
  out?: string;
  plot?: string;
  force?: boolean;
}

/** `gearnn split`: which weights an adaptor is made of. */
export function register(program: Command): void {
  const command = program
    .command('split')
    .description('choose the weights to adapt to a level: sensitivity per item, exact knapsack')
    .addOption(new Option('--base <dir>', 'checkpoint of the base'))
    .addOption(new Option('--tuned <dir>', 'checkpoint of its full fine-tune at the level'))
    .addOption(
      new Option('--sensitivity <file>', 'instead of both: a JSON list of {"name", "value", "size"}').conflicts([
        'base',
        'tuned',
        'out',
        'plot',
      ]),
    )
    .requiredOption('--budget <size>', "parameters to choose: a number, or a share such as 0.2% of the network's state")
    .addOption(
      new Option('--granularity <kind>', 'what the knapsack chooses among')
        .choices(['tensor', 'layer'])
        .default('tensor')
        .conflicts('sensitivity'),
    )
    .addOption(
      new Option(
        '--values <name>',
        'what items are worth: change, relative or total (default: change, Eq. 1)',
      ).conflicts('sensitivity'),
    )
    .addOption(
      new Option(
        '--choose <name>',
        'how to choose: knapsack, greedy, random, first-layers, bn-statistics, affine, bn or union (default: knapsack, Eq. 2)',
      ),
    )
    .addOption(
      new Option('--others <dir...>', 'for union: full fine-tunes at the other levels that share the choice').conflicts(
        'sensitivity',
      ),
    )
    .addOption(seedOption())
    .addOption(new Option('--out <file>', 'split file to write, for gearnn finetune --split'))
    .addOption(new Option('--plot <file>', 'SVG picture of the sensitivities to write'))
    .addOption(forceOption())
    .addOption(jsonOption())
    .action(
      withContext((context: Context, options: Options) =>
        options.sensitivity === undefined ? chooseForCheckpoints(context, options) : chooseFrom(context, options),
      ),
    );
  addExamples(
    command,
    'gearnn split --base runs/base --tuned runs/full/jpeg=10 --budget 0.2% --out runs/split-jpeg=10.json',
    'gearnn split --base runs/base --tuned runs/full/jpeg=10 --budget 31814 --granularity layer --plot fig5.svg',
    'gearnn split --base runs/base --tuned runs/full/jpeg=10 --budget 0.2% --values relative --choose greedy',
    'gearnn split --sensitivity items.json --budget 5000 --json',
  );
}

/** The knapsack alone, on sensitivities that were measured elsewhere. */
async function chooseFrom({ json }: Context, options: Options): Promise<void> {
  const { sensitivity, budget, choose = 'knapsack', seed } = options;
  const { readSensitivities } = await import('../src/select/sensitivity-file.js');
  const { parseBudget } = await import('../src/select/budget.js');
  const { choosers } = await import('../src/select/choosers/registry.js');
  const { kindsByName } = await import('../src/select/items.js');
  checkNames({ choose }, { choose: Object.keys(choosers) });
  const items = await readSensitivities(sensitivity!);
  const total = items.reduce((sum, { size }) => sum + size, 0);
  const chooser: Chooser = choosers[choose];
  const kinds = kindsByName(items.map(({ name }) => name));
  const choosable = items.map((item, i) => ({ ...item, kind: kinds[i]! }));
  const chosen = chooser.choose(choosable, parseBudget(budget, total), seed).map((index) => items[index]!);
  const value = chosen.reduce((sum, item) => sum + item.value, 0);
  const size = chosen.reduce((sum, item) => sum + item.size, 0);
  if (json) return printJson({ items: chosen.map(({ name }) => name), value, size });
  printTable(
    chosen.map((item) => [item.name, item.size, item.value]),
    { head: ['chosen', 'parameters', 'sensitivity'] },
  );
  stdout(`\n${chosen.length} of ${items.length} items: ${size} of ${total} parameters, sensitivity ${value}`);
}

async function chooseForCheckpoints(context: Context, options: Options): Promise<void> {
  const { base, tuned, budget, granularity, values, choose, seed, others = [], out, plot, force } = options;
  const [{ choosers }, known] = await Promise.all([
    import('../src/select/choosers/registry.js'),
    import('../src/select/values/registry.js'),
  ]);
  // Gradients come from training data, which only an experiment has.
  const measurable = known.VALUE_NAMES.filter((name) => !('needsGradients' in known.values[name]));
  checkNames({ values, choose }, { values: measurable, choose: Object.keys(choosers) });
  if (base === undefined || tuned === undefined) {
    fail('E_USAGE', {
      where: base === undefined ? '--base' : '--tuned',
      expected: '--base with --tuned, or --sensitivity',
      got: 'nothing',
    });
  }
  await keepInputs(
    { files: { '--out': out, '--plot': plot } },
    { folders: { '--base': base, '--tuned': tuned, '--others': others } },
  );
  for (const [option, path] of Object.entries({ '--out': out, '--plot': plot }))
    if (path !== undefined) refuseOverwrite(path, force, option);
  const { startEngine } = await import('../src/engine/start.js');
  // The network is only counted, so nothing native has to be there for it.
  await startEngine({ engine: 'cpu', verbose: context.verbose });
  const { splitCheckpoints } = await import('../src/select/split-checkpoints.js');
  const { writeSplit } = await import('../src/select/split.js');
  const { split, items } = await splitCheckpoints({
    ...{ base, tuned, budget, granularity, values, choose, seed },
    others: others.map((folder) => ({ folder })),
  });
  if (out !== undefined) await writeSplit(out, split);
  if (plot !== undefined) {
    const { sensitivitySvg } = await import('../src/report/sensitivity-svg.js');
    const { summarizeSplit } = await import('../src/select/split-summary.js');
    const { writeFileAtomic } = await import('../src/common/files.js');
    await writeFileAtomic(plot, sensitivitySvg(summarizeSplit(split, items)));
  }
  if (context.json) return printJson(split);
  const { changedShare } = await import('../src/select/sensitivity.js');
  printSplit(split, changedShare(split.sensitivity, split.total), out === undefined ? stdout : summary);
}

/** @throws E_USAGE for an option whose value is none of those that there are */
function checkNames(given: Record<string, string | undefined>, known: Record<string, readonly string[]>): void {
  for (const [option, name] of Object.entries(given)) {
    if (name === undefined || known[option]!.includes(name)) continue;
    fail('E_USAGE', { where: `--${option}`, expected: `one of ${known[option]!.join(', ')}`, got: `"${name}"` });
  }
}

function printSplit(split: Split, changed: number, print: typeof stdout): void {
  const chosen = new Set(split.items.map(({ name }) => name));
  printTable(
    split.sensitivity.map(({ name, size, value, changed }) => [
      name,
      size,
      value.toExponential(3),
      percent(changed),
      chosen.has(name) ? 'chosen' : '',
    ]),
    { head: ['item', 'parameters', 'sensitivity', 'changed', ''], align: ['left', 'right', 'right', 'right', 'left'] },
    print,
  );
  const { level, items, sensitivity, size, total, budget } = split;
  print(
    `\n${level}: ${items.length} of ${sensitivity.length} items chosen, ${size} of ${budget.parameters} parameters`,
  );
  print(`(${percent(size / total)} of ${total}). Fine-tuning changed ${percent(changed)} of all by more than 2e-4.`);
}

/** `0.2%`: three digits are enough to compare. */
function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))}%`;
}
