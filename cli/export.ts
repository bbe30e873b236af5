import { Option, type Command } from 'commander';
import type { ExportOptions } from '../src/serve/export.js';
import { join } from 'node:path';
import { fail } from '../src/common/errors.js';
import { withContext, type Context } from './context.js';
import { keepInputs } from './keep-inputs.js';
import {
  addCalibrationOptions,
  calibrationOf,
  type CalibrationFlags,
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

interface Options extends EngineFlags, CalibrationFlags {
  checkpoint: string;
  adaptors?: string;
  savedModel?: string;
  onnx?: string;
  patch?: string;
  level?: string;
  size?: [number, number];
  batch: number;
  force?: boolean;
}

/** `gearnn export`: the network with its adaptors inside, for other servers. */
export function register(program: Command): void {
  const command = program
    .command('export')
    .description(
      'write a network with all its adaptors as one TensorFlow SavedModel, for Triton and TensorFlow Serving, or as one ONNX file; or what one adaptor changes in it',
    )
    .requiredOption('--checkpoint <dir>', 'the base')
    .option(
      '--adaptors <dir>',
      "folder of adaptors (default: the checkpoint's; of an ONNX file none, or with --level the checkpoint's)",
    )
    .option('--saved-model <dir>', 'folder to make')
    .addOption(
      new Option('--onnx <file>', 'ONNX file to make, of a base that gearnn import has made of one').conflicts([
        'savedModel',
        'size',
        'batch',
        'engine',
        'precision',
        'threads',
      ]),
    )
    .addOption(
      new Option(
        '--patch <file>',
        'safetensors to make, of what an adaptor changes in the ONNX file of such a base',
      ).conflicts(['onnx', 'savedModel', 'size', 'batch', 'engine', 'precision', 'threads']),
    )
    .option(
      '--level <level>',
      'with --onnx: the one level that the file is for, merged; with --patch: that of the adaptor',
    )
    .addOption(sizeOption('height and width of the frames of a SavedModel'))
    .addOption(new Option('--batch <n>', 'frames per run of a SavedModel').default(1).argParser(integer('--batch', 1)))
    .addOption(forceOption())
    .addOption(jsonOption());
  addCalibrationOptions(command);
  addEngineOptions(command);
  command.action(withContext(exportModel));
  addExamples(
    command,
    'gearnn export --checkpoint checkpoints/demo --size 128x256 --saved-model demo-saved-model',
    'gearnn export --checkpoint BASE --adaptors ADAPTORS --size 360x480 --saved-model models/street/1/model.savedmodel',
    'gearnn export --checkpoint nets/detector --adaptors nets/detector --onnx detector-levels.onnx',
    'gearnn export --checkpoint nets/detector --level jpeg=5 --onnx detector-jpeg5.onnx',
    'gearnn export --checkpoint nets/detector --level jpeg=5 --patch detector-jpeg5.safetensors',
  );
}

async function exportModel(context: Context, options: Options): Promise<void> {
  if (options.onnx !== undefined) return exportOnnxFile(context, options, options.onnx);
  if (options.patch !== undefined) return exportOnnxPatch(context, options, options.patch);
  if (options.savedModel !== undefined) return exportFolder(context, options, options.savedModel);
  fail('E_USAGE', {
    where: 'gearnn export',
    expected: '--saved-model <dir>, --onnx <file> or --patch <file>',
    got: 'none',
  });
}

async function exportFolder(context: Context, options: Options, out: string): Promise<void> {
  const { checkpoint, adaptors = checkpoint, level, size, batch, force, precision } = options;
  if (level !== undefined)
    fail('E_USAGE', { where: '--level', expected: '--onnx or --patch beside it', got: '--saved-model' });
  if (!size) fail('E_USAGE', { where: '--size', expected: 'height and width of the frames', got: 'none' });
  await keepInputs(
    { files: { '--saved-model': join(out, 'saved_model.pb') } },
    { folders: { '--checkpoint': checkpoint, '--adaptors': adaptors } },
  );
  refuseOverwrite(join(out, 'saved_model.pb'), force, '--saved-model');
  const { openEngine } = await import('./engine-start.js');
  await openEngine(context, options);
  const { exportSavedModel } = await import('../src/serve/export.js');
  const model = await exportSavedModel({
    ...{ checkpoint, adaptors, out, size, batch, precision },
    ...calibrationIn(context, options),
  });
  const { levels, image, output, outputs } = model;
  const shapes = Object.fromEntries(outputs.map(({ name, shape }) => [name, shape]));
  if (context.json) return printJson({ levels, image, output, outputs, ...shapes });
  const types = { UINT8: 'uint8', FP32: 'float32', INT32: 'int32' };
  const longest = Math.max(5, ...outputs.map(({ name }) => name.length));
  const lines = [
    ['image', `uint8 [${image.join()}]`],
    ['level', `string [1]: ${levels.join(', ')}`],
    ...outputs.map(({ name, datatype, shape }) => [name, `${types[datatype]} [${shape.join()}]`]),
  ];
  summary([out, ...lines.map(([tensor, what]) => `  ${tensor!.padEnd(longest + 2)}${what}`)].join('\n'));
}

async function exportOnnxFile(context: Context, options: Options, out: string): Promise<void> {
  const { checkpoint, level } = options;
  const { adaptors = level === undefined ? undefined : checkpoint } = options;
  await keepOnnx(options, '--onnx', out);
  const { exportOnnx } = await import('../src/serve/export-onnx.js');
  const { levels, bytes } = await exportOnnx({ checkpoint, adaptors, level, out, ...calibrationIn(context, options) });
  if (context.json) return printJson({ onnx: out, levels, bytes });
  const input = levels.map((one, i) => `${i} ${one}`).join(', ');
  summary(`${out}, ${(bytes / 1e6).toFixed(1)} MB${input && `\n  level  int64 [1]: ${input}`}`);
}

async function exportOnnxPatch(context: Context, options: Options, out: string): Promise<void> {
  const { checkpoint, level, adaptors = checkpoint } = options;
  if (level === undefined)
    fail('E_USAGE', { where: '--level', expected: 'the level of an adaptor, beside --patch', got: 'none' });
  await keepOnnx(options, '--patch', out);
  const { exportPatch } = await import('../src/serve/export-onnx.js');
  const bytes = await exportPatch({ checkpoint, adaptors, level, out, ...calibrationIn(context, options) });
  if (context.json) return printJson({ patch: out, level, bytes });
  summary(`${out}, ${(bytes / 1e3).toFixed(1)} KB: ${level}. docs/export.md shows how to apply it.`);
}

function calibrationIn(context: Context, options: Options): Pick<ExportOptions, 'calibration' | 'warn'> {
  return { calibration: calibrationOf(options), warn: (message) => context.note(`warning: ${message}`) };
}

/** @throws E_USAGE where a file would be written over what it is made of, E_OUT_EXISTS */
async function keepOnnx({ checkpoint, adaptors, force }: Options, option: string, out: string): Promise<void> {
  const { readCheckpointConfig } = await import('../src/models/checkpoint.js');
  const { onnx } = await readCheckpointConfig(checkpoint);
  const external = onnx?.external?.map((file) => join(checkpoint, file));
  await keepInputs(
    { files: { [option]: out } },
    { files: { '--checkpoint': external }, folders: { '--checkpoint': checkpoint, '--adaptors': adaptors } },
  );
  refuseOverwrite(out, force, option);
}
