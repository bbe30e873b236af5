import { Option, type Command } from 'commander';
import type { CalibrationUse } from '../src/adaptor/serving.js';
import { fail } from '../src/common/errors.js';
import { parseSides } from '../src/detect/transform.js';
import { parseFit } from '../src/image/fit.js';
import { collecting } from './values.js';

/** The options that several commands share, one definition each; a command adds those it can use. */

/** `--verbose`: belongs to the program, so every command takes it. */
export function verboseOption(): Option {
  return new Option('--verbose', "show the engine's own messages, and the stack of an error");
}

/** `--json` */
export function jsonOption(): Option {
  return new Option('--json', 'print one JSON value on stdout, for machines');
}

/** `--seed N` -> number. Default: 0. */
export function seedOption(): Option {
  return new Option('--seed <n>', 'seed of all random numbers').default(0).argParser(integer('--seed', 0));
}

/** `--force` */
export function forceOption(): Option {
  return new Option('--force', 'overwrite results that are there already');
}

/** `--size HxW` -> `[height, width]` */
export function sizeOption(description = 'height and width in pixels, such as 256x512'): Option {
  return new Option('--size <HxW>', description).argParser(parseSize);
}

/** What {@link addLevelOptions} adds, as commander hands it over. */
export interface LevelFlags {
  reference?: string;
  calibrate?: number;
  size?: [height: number, width: number];
}

/** `--reference`, `--calibrate`, `--size`: for every command that reads levels from frames. */
export function addLevelOptions(command: Command): Command {
  return command
    .option('--reference <image>', 'an undistorted image to compare brightness with')
    .addOption(
      new Option('--calibrate <n>', 'compare brightness with the first N frames of each stream').argParser(
        integer('--calibrate', 1),
      ),
    )
    .addOption(sizeOption('size of an undistorted frame, such as 256x512, to compare resolutions with'));
}

/** `--data SPEC` */
export function dataOption(): Option {
  return new Option(
    '--data <spec>',
    'dataset: camvid:DIR, cityscapes:DIR, coco:DIR, imagefolder:DIR, images:DIR, list:DIR, pennfudan:DIR or scenes[:SEED]',
  );
}

/** `--subset NAME` -> string; default `val`: for a command that reads one part of a dataset. */
export function subsetOption(): Option {
  return new Option('--subset <name>', 'part of the data: val, train[0:50], all[drive=NAME]').default('val');
}

/** `--subset NAME`, repeatable -> string[]: for a command that by default takes all parts of a dataset. */
export function subsetsOption(use: string): Option {
  return collecting(new Option('--subset <name>', `part of the data to ${use}; repeat for several (default: all)`));
}

/** `--split NAME`, as `--subset` was called before: hidden, and of the same value. */
export function olderSplitOption(): Option {
  return new OlderSplit('--split <name>').hideHelp();
}

class OlderSplit extends Option {
  override attributeName(): string {
    return 'subset';
  }
}

/** `--level LEVEL`, repeatable -> string[] */
export function levelsOption(): Option {
  return collecting(
    new Option('--level <level>', 'distortion, such as jpeg=30 or brightness=0.5+jpeg=30; repeat for several'),
  );
}

/** `--infer-size received|original` */
export function inferSizeOption(): Option {
  return new Option('--infer-size <size>', 'size at which images smaller than their labels go through the network')
    .choices(['received', 'original'])
    .default('received');
}

/** `--workers N` -> number */
export function workersOption(): Option {
  return new Option('--workers <n>', 'threads that read and decode images').argParser(integer('--workers', 1));
}

/** `--classes N` -> number */
export function classesOption(): Option {
  return new Option('--classes <n>', 'number of classes').argParser(integer('--classes', 1));
}

/** `--width FACTOR` -> number. Default: 1. */
export function widthOption(): Option {
  return new Option('--width <factor>', 'multiplies the channels of every layer')
    .default(1)
    .argParser(decimal('--width', 0, 4));
}

/** `--fit RESIZE:CROP` -> {@link Fit} */
export function fitOption(): Option {
  return new Option(
    '--fit <resize:crop>',
    'how pictures of any size come to a network that classifies: 256:224 brings the shorter side to 256 pixels and cuts 224x224 (default: as they are)',
  ).argParser((text: string) => parseFit(text, '--fit'));
}

/** What a network that finds things brings pictures to. */
export function sidesOption(): Option {
  return new Option(
    '--sides <shortest:longest>',
    "of a network that finds things, pixels of the shorter side of a picture, and the most of the longer one (default: the network's own)",
  ).argParser((text: string) => parseSides(text, '--sides'));
}

/** `--epsilon NUMBER`: for commands that make a network. */
export function epsilonOption(): Option {
  return new Option(
    '--epsilon <number>',
    "what normalizations add to variances (default: the network's own; torchvision's COCO weights of maskrcnn-resnet50-fpn need 0)",
  ).argParser(decimal('--epsilon', 0));
}

/** What {@link addEngineOptions} adds, as commander hands it over. */
export interface EngineFlags {
  engine?: 'tensorflow' | 'wasm' | 'cpu';
  precision: 'fp32' | 'bf16';
  threads?: number;
}

/** As {@link EngineFlags}, of a command that leaves nothing behind which another machine would have to repeat. */
export interface AutoEngineFlags extends Omit<EngineFlags, 'precision'> {
  precision: EngineFlags['precision'] | 'auto';
}

/** `--engine`, `--precision`, `--threads`: for every command that computes with a network. */
export function addEngineOptions(command: Command): Command {
  return command.addOption(engineOption()).addOption(precisionOption().default('fp32')).addOption(threadsOption());
}

/** {@link addEngineOptions}, with `--precision auto`. */
export function addAutoEngineOptions(command: Command): Command {
  const precision = new Option(
    '--precision <type>',
    'number format of the heavy operations; auto: what is faster here',
  );
  return command
    .addOption(engineOption())
    .addOption(precision.choices(['fp32', 'bf16', 'auto']).default('fp32'))
    .addOption(threadsOption());
}

/** `--engine NAME` */
export function engineOption(description = 'what computes (default: the fastest that is installed)'): Option {
  return new Option('--engine <name>', description).choices(['tensorflow', 'wasm', 'cpu']);
}

/** `--precision TYPE` */
export function precisionOption(description = 'number format of the heavy operations'): Option {
  return new Option('--precision <type>', description).choices(['fp32', 'bf16']);
}

/** `--threads N` -> number */
export function threadsOption(description = "the engine's threads (default: one per core)"): Option {
  return new Option('--threads <n>', description).argParser(integer('--threads', 1));
}

/** Examples at the end of a command's help. */
export function addExamples(command: Command, ...lines: string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`);
}

/** A parser of whole numbers from `minimum` on, for `argParser`. */
export function integer(where: string, minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(value) || value < minimum) {
      fail('E_USAGE', { where, expected: `a whole number from ${minimum} on`, got: `"${text}"` });
    }
    return value;
  };
}

/** A parser of finite numbers within `[minimum, maximum]`, for `argParser`. */
export function decimal(where: string, minimum: number, maximum = Infinity): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < minimum || value > maximum) {
      const range = maximum === Infinity ? `a number from ${minimum} on` : `a number from ${minimum} to ${maximum}`;
      fail('E_USAGE', { where, expected: range, got: `"${text}"` });
    }
    return value;
  };
}

function parseSize(text: string): [height: number, width: number] {
  const match = /^([1-9][0-9]{0,5})x([1-9][0-9]{0,5})$/.exec(text);
  if (!match) fail('E_USAGE', { where: '--size', expected: 'HEIGHTxWIDTH such as 256x512', got: `"${text}"` });
  return [Number(match[1]), Number(match[2])];
}

/** What {@link addCalibrationOptions} adds. */
export interface CalibrationFlags {
  onlyCalibrated?: boolean;
  uncalibrated?: boolean;
}

/** `--only-calibrated`, `--uncalibrated`: for every command that uses a folder of adaptors. */
export function addCalibrationOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--only-calibrated', 'adaptors that gearnn calibrate has not measured do not serve').conflicts(
        'uncalibrated',
      ),
    )
    .option('--uncalibrated', 'every adaptor serves as it is, whatever gearnn calibrate has found');
}

/** What the two flags come to. */
export function calibrationOf({ onlyCalibrated, uncalibrated }: CalibrationFlags): CalibrationUse {
  if (uncalibrated) return 'ignored';
  return onlyCalibrated ? 'only' : 'known';
}
