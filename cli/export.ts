import { Option, type Command } from 'commander';
import { join } from 'node:path';
import { withContext, type Context } from './context.js';
import { keepInputs } from './keep-inputs.js';
import {
  addEngineOptions,
  addExamples,
  forceOption,
  integer,
  jsonOption,
  sizeOption,
  type EngineFlags,
} from './options.js';
import { printJson, summary } from './output.js';
import { refuseOverwrite } from './overwrite.js';

interface Options extends EngineFlags {
  checkpoint: string;
  adaptors?: string;
  savedModel: string;
  size: [number, number];
  batch: number;
  force?: boolean;
}

/** `gearnn export`: the network with its adaptors inside, for other servers. */
export function register(program: Command): void {
  const command = program
    .command('export')
    .description(
      'write a network with all its adaptors as one TensorFlow SavedModel, for Triton and TensorFlow Serving',
    )
    .requiredOption('--checkpoint <dir>', 'the base')
    .option('--adaptors <dir>', "folder of adaptors (default: the checkpoint's)")
    .requiredOption('--saved-model <dir>', 'folder to make')
    .addOption(sizeOption('height and width of the frames').makeOptionMandatory())
    .addOption(new Option('--batch <n>', 'frames per run').default(1).argParser(integer('--batch', 1)))
    .addOption(forceOption())
    .addOption(jsonOption());
  addEngineOptions(command);
  command.action(withContext(exportModel));
  addExamples(
    command,
    'gearnn export --checkpoint checkpoints/demo --size 128x256 --saved-model demo-saved-model',
    'gearnn export --checkpoint BASE --adaptors ADAPTORS --size 360x480 --saved-model models/street/1/model.savedmodel',
  );
}

async function exportModel(context: Context, options: Options): Promise<void> {
  const { checkpoint, adaptors = checkpoint, savedModel: out, size, batch, force, precision } = options;
  await keepInputs(
    { files: { '--saved-model': join(out, 'saved_model.pb') } },
    { folders: { '--checkpoint': checkpoint, '--adaptors': adaptors } },
  );
  refuseOverwrite(join(out, 'saved_model.pb'), force, '--saved-model');
  const { openEngine } = await import('./engine-start.js');
  await openEngine(context, options);
  const { exportSavedModel } = await import('../src/serve/export.js');
  const model = await exportSavedModel({ checkpoint, adaptors, out, size, batch, precision });
  const { levels, image, output } = model;
  const { name, datatype, shape } = output;
  if (context.json) return printJson({ levels, image, output, [name]: shape });
  const type = { UINT8: 'uint8', FP32: 'float32', INT32: 'int32' }[datatype];
  const lines = [
    ['image', `uint8 [${image.join()}]`],
    ['level', `string [1]: ${levels.join(', ')}`],
    [name, `${type} [${shape.join()}]`],
  ];
  summary(
    [out, ...lines.map(([tensor, what]) => `  ${tensor!.padEnd(Math.max(5, name.length) + 2)}${what}`)].join('\n'),
  );
}
