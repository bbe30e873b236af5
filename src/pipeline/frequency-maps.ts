import { join } from 'node:path';
import { writeFileAtomic } from '../common/files.js';
import { readMap, RESPONSE, writeMap } from '../frequency/files.js';
import {
  blockMeans,
  differenceOf,
  differencePicture,
  differenceScale,
  ratioPicture,
  responsePicture,
  responseScale,
} from '../frequency/pictures.js';
import type { CoefficientMap } from '../frequency/response.js';
import { encodePalettePng } from '../image/encode.js';
import type { Pixels } from '../image/pixels.js';
import { mapFile, type MapKind } from '../report/frequency.js';
import type { ExperimentGraph, FrequencyCell } from './experiment-graph.js';
import type { StepResults } from './step-results.js';

/** Longest side of a map beside the results, in coefficients or means of blocks of them: small enough for a repository. */
const LONGEST = 160;

/**
 * Writes the maps of an experiment beside its results, `frequency/INPUT/LEVEL/METHOD.npy` and pictures, as means over blocks of
 * coefficients; those of one level and input have one scale. Where a step's files are not here, what was written before stays.
 */
export async function writeFrequencyMaps(folder: string, graph: ExperimentGraph, done: StepResults): Promise<void> {
  const original = graph.methods.find(({ kind }) => kind === 'original')?.name;
  for (const { level, frequency } of graph.levels) {
    for (const input of new Set(frequency.map((cell) => cell.input))) {
      const cells = frequency.filter((cell) => cell.input === input && done.stampOf(cell.step));
      if (cells.length === 0 || !cells.every(({ step }) => done.hasFiles(step))) continue;
      await writeGroup(folder, { level, input, cells, original, done });
    }
  }
}

interface Group {
  level: string;
  input: FrequencyCell['input'];
  cells: readonly FrequencyCell[];
  /** Name of the method that the others are compared with. */
  original: string | undefined;
  done: StepResults;
}

async function writeGroup(folder: string, { level, input, cells, original, done }: Group): Promise<void> {
  const maps = new Map<string, CoefficientMap>();
  for (const { method, step } of cells) {
    maps.set(method, blockMeans(await readMap(join(await done.folderOf(step), `${RESPONSE}.npy`)), LONGEST));
  }
  const base = original === undefined ? undefined : maps.get(original);
  const differences = new Map(
    [...maps].flatMap(([method, map]) =>
      base && method !== original ? [[method, differenceOf(map, base)] as const] : [],
    ),
  );
  const [scale, apart] = [responseScale([...maps.values()]), differenceScale([...differences.values()])];
  for (const [method, map] of maps) {
    const pathOf = (kind: MapKind): string => join(folder, mapFile({ input, level, method }, kind));
    const draw = async (kind: MapKind, picture: Pixels): Promise<void> =>
      writeFileAtomic(`${pathOf(kind)}.png`, await encodePalettePng(picture));
    await writeMap(pathOf('response'), map, responsePicture(map, scale));
    const difference = differences.get(method);
    if (!difference) continue;
    await draw('difference', differencePicture(difference, apart));
    await draw('ratio', ratioPicture(map, base!));
  }
}
