import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { fail } from '../src/common/errors.js';
import type { ImportOptions } from '../src/models/import.js';
import { withContext, type Context } from './context.js';
import { keepInputs } from './keep-inputs.js';
import type { Fit } from '../src/image/fit.js';
import { addExamples, classesOption, fitOption, forceOption, jsonOption, widthOption } from './options.js';
import { printJson, summary } from './output.js';
import { refuseOverwrite } from './overwrite.js';

type Channels = [number, number, number];

interface Options {
  model: string;
  classes: number;
  width: number;
  out: string;
  classesFrom?: string;
  names?: string[];
  mean?: Channels;
  std?: Channels;
  fit?: Fit;
  storage: 'fp32' | 'fp16';
  force?: boolean;
}

/** `gearnn import` */
export function register(program: Command): void {
  const command = program
    .command('import')
    .description(
      'make a checkpoint of weights from PyTorch, saved as safetensors under the names of fyu/drn or torchvision',
    )
    .argument('<file>', 'safetensors file; docs/models.md shows how to convert a .pth')
    .requiredOption('--model <name>', 'network, as gearnn model list shows it')
    .addOption(classesOption().makeOptionMandatory())
    .requiredOption('--out <dir>', 'folder of the checkpoint')
    .addOption(new Option('--classes-from <spec>', 'dataset to take names and colours of the classes from'))
    .addOption(
      new Option('--names <a,b,...>', 'names of the classes')
        .conflicts('classesFrom')
        .argParser((text: string) => text.split(',')),
    )
    .addOption(widthOption())
    .addOption(
      new Option('--mean <r,g,b>', "mean that the network was trained with (default: ImageNet's)").argParser(
        channels('--mean'),
      ),
    )
    .addOption(
      new Option('--std <r,g,b>', "deviation that the network was trained with (default: ImageNet's)").argParser(
        channels('--std', Number.MIN_VALUE),
      ),
    )
    .addOption(fitOption())
    .addOption(
      new Option('--storage <type>', 'number format of convolutions in the file')
        .choices(['fp32', 'fp16'])
        .default('fp32'),
    )
    .addOption(forceOption())
    .addOption(jsonOption())
    .action(withContext(importFile));
  addExamples(
    command,
    'gearnn import drn_d_22_cityscapes.safetensors --model drn-d-22 --classes 19 --out runs/base',
    'gearnn import resnet18.safetensors --model resnet-18 --classes 1000 --fit 256:224 --out runs/imagenet',
    'gearnn import net.safetensors --model drn-d-38 --classes 2 --names road,other --out runs/base --storage fp16',
  );
}

async function importFile(context: Context, file: string, options: Options): Promise<void> {
  const { model, classes: count, width, out, storage, force } = options;
  refuseOverwrite(join(out, 'config.json'), force);
  await keepInputs(
    { files: { '--out': ['config.json', 'model.safetensors'].map((name) => join(out, name)) } },
    { files: { file }, data: { '--classes-from': options.classesFrom } },
  );
  const { startEngine } = await import('../src/engine/start.js');
  // Nothing is computed, so nothing native has to be there.
  await startEngine({ engine: 'cpu', verbose: context.verbose });
  const [{ importCheckpoint }, { IMAGENET }] = await Promise.all([
    import('../src/models/import.js'),
    import('../src/models/preprocessing.js'),
  ]);
  const hash = await importCheckpoint({
    file,
    out,
    network: { name: model, classes: count, width },
    ...(await classesOf(options)),
    preprocessing: {
      mean: options.mean ?? IMAGENET.mean,
      std: options.std ?? IMAGENET.std,
      ...(options.fit && { fit: options.fit }),
    },
    storage,
  });
  if (context.json) return printJson({ checkpoint: out, hash });
  summary(`${out} holds ${model} with ${count} classes, ${hash}.`);
}

async function classesOf({ classesFrom, names }: Options): Promise<Pick<ImportOptions, 'classes' | 'ignore'>> {
  if (classesFrom !== undefined) {
    const { openDataset } = await import('../src/data/registry.js');
    const { classes, ignore } = await openDataset(classesFrom);
    return { classes, ignore };
  }
  if (names === undefined) return {};
  const { colorClasses } = await import('../src/data/class-colors.js');
  return { classes: colorClasses(names) };
}

/** A parser of three numbers, for `argParser`. */
function channels(where: string, minimum = -Infinity): (text: string) => Channels {
  return (text) => {
    const values = text.split(',').map(Number);
    if (values.length === 3 && values.every((value) => Number.isFinite(value) && value >= minimum)) {
      return values as Channels;
    }
    const kind = minimum > 0 ? 'three positive numbers' : 'three numbers';
    return fail('E_USAGE', { where, expected: `${kind} such as 0.229,0.224,0.225`, got: `"${text}"` });
  };
}
