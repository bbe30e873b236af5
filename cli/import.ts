import { extname, join } from 'node:path';
import { Option, type Command } from 'commander';
import { fail } from '../src/common/errors.js';
import type { ImportOptions } from '../src/models/import.js';
import { withContext, type Context } from './context.js';
import { keepInputs } from './keep-inputs.js';
import type { DetectionSize } from '../src/detect/transform.js';
import { HEAD_NAMES } from '../src/detect/heads/names.js';
import { parseFit } from '../src/image/fit.js';
import { isInputFit } from '../src/models/onnx/fits.js';
import { TASK_NAMES } from '../src/tasks/names.js';
import { importOnnxFile, isTfjsFile, type OnnxFlags } from './import-onnx.js';
import {
  addExamples,
  decimal,
  epsilonOption,
  forceOption,
  integer,
  jsonOption,
  sidesOption,
  sizeOption,
  widthOption,
} from './options.js';
import { printJson, summary } from './output.js';
import { refuseOverwrite } from './overwrite.js';

type Channels = [number, number, number];

interface Options extends Omit<OnnxFlags, 'fit'> {
  model?: string;
  width: number;
  epsilon?: number;
  classesFrom?: string;
  fit?: OnnxFlags['fit'];
  sides?: DetectionSize;
  storage: 'fp32' | 'fp16';
}

/** `gearnn import` */
export function register(program: Command): void {
  const command = program
    .command('import')
    .description(
      'make a checkpoint of an ONNX file, of a GraphModel or LayersModel of TensorFlow.js, or of weights from PyTorch, saved as safetensors under the names of fyu/drn or torchvision',
    )
    .argument(
      '<file>',
      'ONNX file, model.json of TensorFlow.js, or safetensors; docs/models.md shows how to convert a .pth',
    )
    .option('--model <name>', 'network that safetensors are of, as gearnn model list shows it')
    .option(
      '--classes <n>',
      'number of classes; of an ONNX file or model.json a text file with their names, one a line',
    )
    .option('--out <dir>', 'folder of the checkpoint')
    .addOption(new Option('--classes-from <spec>', 'dataset to take names and colours of the classes from'))
    .addOption(
      new Option('--names <a,b,...>', 'names of the classes')
        .conflicts('classesFrom')
        .argParser((text: string) => text.split(',')),
    )
    .addOption(widthOption())
    .addOption(epsilonOption())
    .addOption(
      new Option(
        '--mean <r,g,b>',
        "mean that the network was trained with (default: its own, of most ImageNet's; of a model.json 0)",
      ).argParser(channels('--mean')),
    )
    .addOption(
      new Option(
        '--std <r,g,b>',
        "deviation that the network was trained with (default: its own, of most ImageNet's; of a model.json 1)",
      ).argParser(channels('--std', Number.MIN_VALUE)),
    )
    .addOption(
      new Option(
        '--fit <how>',
        "how pictures come to the network's size: 256:224 brings the shorter side to 256 pixels and cuts 224x224; of an ONNX file or model.json also stretch, letterbox (in their own shape, in the middle) or corner (in the left upper corner; default: as they are)",
      ).argParser((text: string) => (isInputFit(text) ? text : parseFit(text, '--fit'))),
    )
    .addOption(sidesOption())
    .addOption(new Option('--task <name>', 'what an ONNX file or model.json is for').choices([...TASK_NAMES]))
    .option(
      '--compare <name...>',
      'outputs of an ONNX file or model.json, or values inside it, that are learned from and compared',
    )
    .addOption(
      new Option('--answer <kind>', 'what the compared output holds').choices(['logits', 'softmax', 'sigmoid']),
    )
    .addOption(
      new Option(
        '--head <kind>',
        'of an ONNX file or model.json that finds boxes: the kind of detector, so that they are read',
      ).choices([...HEAD_NAMES]),
    )
    .addOption(
      new Option('--score <p>', "least score of a box, 0 to 1 (default: the kind's)").argParser(
        decimal('--score', 0, 1),
      ),
    )
    .addOption(
      new Option(
        '--overlap <share>',
        "share of two boxes' union above which the worse of a class goes (default: the kind's)",
      ).argParser(decimal('--overlap', 0, 1)),
    )
    .addOption(sizeOption('size at which an ONNX file or model.json takes pictures, such as 640x640'))
    .addOption(new Option('--layout <order>', "order of the input's axes").choices(['nchw', 'nhwc']))
    .addOption(
      new Option('--channels <order>', "order of the input's channels, in which --mean and --std are as well").choices([
        'rgb',
        'bgr',
        'gray',
      ]),
    )
    .option(
      '--check',
      'say what an ONNX file or model.json holds and which operations are missing, and write nothing; exit code 1 if there are any',
    )
    .option(
      '--verify <image>',
      "compare outputs for a picture with onnxruntime's, or of a model.json with TensorFlow.js'",
    )
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
    'gearnn import detector.onnx --check',
    'gearnn import detector.onnx --task foreground --channels bgr --out nets/detector',
    'gearnn import tfjs/model.json --task foreground --out nets/selfie --verify photo.jpg',
    'gearnn import 320n.onnx --head yolov8 --size 320x320 --fit corner --out nets/boxes',
    'gearnn import drn_d_22_cityscapes.safetensors --model drn-d-22 --classes 19 --out runs/base',
    'gearnn import coco.safetensors --model maskrcnn-resnet50-fpn --classes 91 --epsilon 0 --out runs/coco',
    'gearnn import resnet18.safetensors --model resnet-18 --classes 1000 --fit 256:224 --out runs/imagenet',
    'gearnn import net.safetensors --model drn-d-38 --classes 2 --names road,other --out runs/base --storage fp16',
  );
}

/** Files of other programs, by their ending, and what makes an ONNX file of them. */
const CONVERTED: Readonly<Record<string, string>> = {
  '.tflite': 'python -m tf2onnx.convert --tflite FILE --output net.onnx --opset 18',
  '.pb': 'python -m tf2onnx.convert --saved-model FOLDER --output net.onnx --opset 18',
  '.keras': "keras.models.load_model(FILE).export('saved') in Python, then tf2onnx --saved-model saved",
  '.h5': "keras.models.load_model(FILE).export('saved') in Python, then tf2onnx --saved-model saved",
};

async function importFile(context: Context, file: string, options: Options): Promise<void> {
  if (/\.onnx$/i.test(file) || isTfjsFile(file)) return importOnnxFile(context, file, options);
  const ending = extname(file).toLowerCase();
  const command = CONVERTED[ending];
  if (command !== undefined)
    fail('E_USAGE', {
      where: file,
      expected: 'an ONNX file, model.json of TensorFlow.js, or safetensors',
      got: `a file ${ending}`,
      todo: `Make an ONNX file of it: ${command}. docs/tfjs.md has more on other formats.`,
    });
  const { model, classes, width, epsilon, out, storage, force, fit, sides } = options;
  const missing = Object.entries({ '--model': model, '--classes': classes, '--out': out }).find(([, given]) => given === undefined); // prettier-ignore
  if (missing || model === undefined || classes === undefined || out === undefined)
    fail('E_USAGE', { where: missing![0], expected: 'one, for a file of safetensors', got: 'none' });
  if (typeof fit === 'string') fail('E_USAGE', { where: '--fit', expected: 'RESIZE:CROP such as 256:224', got: fit });
  const count = integer('--classes', 1)(classes);
  refuseOverwrite(join(out, 'config.json'), force);
  await keepInputs(
    { files: { '--out': ['config.json', 'model.safetensors'].map((name) => join(out, name)) } },
    { files: { file }, data: { '--classes-from': options.classesFrom } },
  );
  const { startEngine } = await import('../src/engine/start.js');
  // Nothing is computed, so nothing native has to be there.
  await startEngine({ engine: 'cpu', verbose: context.verbose });
  const { importCheckpoint } = await import('../src/models/import.js');
  const hash = await importCheckpoint({
    file,
    out,
    network: { name: model, classes: count, width, ...(epsilon !== undefined && { epsilon }) },
    ...(await classesOf(options)),
    preprocessing: {
      ...(options.mean && { mean: options.mean }),
      ...(options.std && { std: options.std }),
      ...(fit && { fit }),
      ...(sides && { sides }),
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
