import { dirname, resolve } from 'node:path';
import { fail } from '../common/errors.js';
import { readJsonFile } from '../common/json-file.js';
import { datasetKinds } from '../data/registry.js';
import { parseSlice, type Slice } from '../data/slice.js';
import { type Level, parseLevel } from '../distort/level.js';
import type { Input } from '../frequency/inputs.js';
import { parseSchedule } from '../train/schedule.js';
import { configSchema, type ExperimentConfig } from './config.js';
import { uniqueLevels } from './levels.js';
import type { TrialParts } from './steps/trial.js';

/** A config whose texts have been read: what the steps are made from. */
export interface Experiment extends Omit<
  ExperimentConfig,
  'levels' | 'train' | 'validate' | 'unseen' | 'rates' | 'frequency'
> {
  /** Absolute path of the config file. */
  path: string;
  /** Names of the environment variables that it stands on. */
  variables: string[];
  levels: Level[];
  train: Slice;
  validate: Slice;
  unseen: UnseenSamples[];
  rates?: Rates;
  frequency?: FrequencySettings;
}

/** Samples that nothing is trained on, to measure every method on. */
export interface UnseenSamples {
  name: string;
  samples: Slice;
  /** By the base's answers on the clean images too. */
  agreement: boolean;
}

/** Whose frequency response is measured, and on what. */
export interface FrequencySettings {
  /** Positions among the experiment's validation samples. */
  samples: Slice;
  /** Canonical texts. */
  levels: string[];
  /** Names of methods. */
  methods: string[];
  inputs: Input[];
}

/** How learning rates are chosen. */
export interface Rates extends TrialParts {
  candidates: number[];
  levels: Level[];
}

/**
 * Reads an experiment's config. Relative paths start from the config's folder; `${NAME}` stands for an environment variable, and a
 * relative path in one starts from the working directory, as on a command line.
 *
 * @throws E_PIPELINE_CONFIG with the path of what is wrong, and E_DISTORT_LEVEL, E_USAGE for levels, slices and schedules
 */
export async function readExperiment(path: string, environment: NodeJS.ProcessEnv = process.env): Promise<Experiment> {
  const config = await readJsonFile(path, configSchema, {
    code: 'E_PIPELINE_CONFIG',
    expected: 'the config of an experiment',
    todo: 'docs/config.md explains every field.',
  });
  return experimentOf(config, path, environment);
}

/** The same of a config that has been read; @param path where it lies */
export function experimentOf(
  config: ExperimentConfig,
  path: string,
  environment: NodeJS.ProcessEnv = process.env,
): Experiment {
  const folder = dirname(resolve(path));
  const expand = (text: string, where: string): string => expandVariables(text, `${path}: ${where}`, environment);
  const { checkpoint, train } = config.base;
  const file = (text: string, where: string): string => resolvePath(text, expand(text, where), folder);
  const levels = uniqueLevels(config.levels, `${path}: levels`);
  parseSchedule(config.finetune.schedule);
  if (train) parseSchedule(train.schedule);
  return {
    ...config,
    path: resolve(path),
    variables: variablesOf(config.data, checkpoint ?? '', train?.init ?? ''),
    data: resolveData(config.data, expand(config.data, 'data'), folder),
    base: {
      checkpoint: checkpoint && file(checkpoint, 'base.checkpoint'),
      train: train && { ...train, ...(train.init && { init: file(train.init, 'base.train.init') }) },
    },
    levels,
    train: parseSlice(config.train, 'train', `${path}: train`),
    validate: parseSlice(config.validate, 'val', `${path}: validate`),
    unseen: readUnseen(config.unseen, path),
    frames: {
      ...config.frames,
      levels: config.frames.levels && among(config.frames.levels, levels, `${path}: frames.levels`),
    },
    rates: config.rates && readRates(config.rates, config, levels, path),
    frequency: config.frequency && readFrequency(config.frequency, config, levels, path),
  };
}

function readFrequency(
  { samples, levels: texts, methods, inputs }: NonNullable<ExperimentConfig['frequency']>,
  config: ExperimentConfig,
  levels: Level[],
  path: string,
): FrequencySettings {
  const known = config.methods.map(({ name }) => name);
  const stranger = methods?.find((name) => !known.includes(name));
  if (stranger !== undefined) {
    fail('E_PIPELINE_CONFIG', {
      where: `${path}: frequency.methods`,
      expected: `names of the experiment's methods (${known.join(', ')})`,
      got: `"${stranger}"`,
    });
  }
  const { split } = parseSlice(config.validate, 'val', `${path}: validate`);
  return {
    samples: readPart(samples, split, `${path}: frequency.samples`, 'validation samples'),
    levels: texts ? among(texts, levels, `${path}: frequency.levels`) : levels.map(({ text }) => text),
    methods: methods ?? known,
    inputs: [...new Set(inputs)],
  };
}

function readUnseen(parts: ExperimentConfig['unseen'], path: string): UnseenSamples[] {
  const names = parts.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) {
    fail('E_PIPELINE_CONFIG', {
      where: `${path}: unseen`,
      expected: 'a name of its own for each part',
      got: `"${twice}" twice`,
    });
  }
  return parts.map(({ samples, ...part }, i) => ({
    ...part,
    samples: parseSlice(samples, 'val', `${path}: unseen[${i}].samples`),
  }));
}

/** Positions among samples of the experiment, which are of `split`. */
function readPart(text: string, split: string, where: string, of: string): Slice {
  const slice = parseSlice(text, split, where);
  if (slice.split === split) return slice;
  return fail('E_PIPELINE_CONFIG', {
    where,
    expected: `positions among the ${of}, such as 0:50 or ${split}[0:50]`,
    got: `"${text}"`,
  });
}

function readRates(
  rates: NonNullable<ExperimentConfig['rates']>,
  config: ExperimentConfig,
  levels: Level[],
  path: string,
): Rates {
  const { split } = parseSlice(config.train, 'train', `${path}: train`);
  const part = (name: 'train' | 'validate'): Slice =>
    readPart(rates[name], split, `${path}: rates.${name}`, 'training samples');
  const [train, validate] = [part('train'), part('validate')];
  const overlap = Math.max(train.start, validate.start) < Math.min(train.end ?? Infinity, validate.end ?? Infinity);
  if (overlap) {
    fail('E_PIPELINE_CONFIG', {
      where: `${path}: rates.validate`,
      expected: 'other samples than rates.train',
      got: `${rates.validate} beside ${rates.train}`,
      todo: 'Measure trials on samples that they were not trained on.',
    });
  }
  const tried = among(rates.levels, levels, `${path}: rates.levels`);
  return {
    candidates: [...new Set(rates.candidates)].sort((a, b) => a - b),
    levels: levels.filter(({ text }) => tried.includes(text)),
    train,
    validate,
    epochs: rates.epochs ?? config.finetune.epochs,
  };
}

/** Canonical texts of levels, each one of the experiment's. */
export function among(texts: readonly string[], levels: readonly Level[], where: string): string[] {
  const known = levels.map(({ text }) => text);
  return texts.map((text) => {
    const level = parseLevel(text).text;
    if (known.includes(level)) return level;
    return fail('E_PIPELINE_CONFIG', {
      where,
      expected: `levels of the experiment (${known.join(', ')})`,
      got: `"${text}"`,
    });
  });
}

const VARIABLE = /\$\{(\w+)\}/g;

function variablesOf(...texts: string[]): string[] {
  return [...new Set(texts.flatMap((text) => [...text.matchAll(VARIABLE)].map((match) => match[1]!)))];
}

function expandVariables(text: string, where: string, environment: NodeJS.ProcessEnv): string {
  return text.replace(VARIABLE, (_, name: string) => {
    const value = environment[name];
    if (value !== undefined && value !== '') return value;
    return fail('E_PIPELINE_CONFIG', {
      where,
      expected: `the environment variable ${name}`,
      got: 'none of that name',
      todo: `Set it in front of the command: ${name}=... gearnn run ...`,
    });
  });
}

/** The folder in a dataset's spec made absolute; specs of procedural datasets stay. */
function resolveData(written: string, spec: string, folder: string): string {
  const colon = spec.indexOf(':');
  const kind = spec.slice(0, colon);
  if (colon < 0 || !Object.hasOwn(datasetKinds, kind) || !datasetKinds[kind]!.usage.endsWith(':DIR')) return spec;
  return `${kind}:${resolvePath(written.slice(written.indexOf(':') + 1), spec.slice(colon + 1), folder)}`;
}

function resolvePath(written: string, path: string, folder: string): string {
  return written.startsWith('${') ? resolve(path) : resolve(folder, path);
}
