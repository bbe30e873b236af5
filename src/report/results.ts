import { z } from 'zod';
import { canonicalJson, writeJsonAtomic } from '../common/files.js';
import { readJsonFile } from '../common/json-file.js';
import { contentsSchema, FORMAT, VERSION, type Results } from './schema.js';

type Fields = Record<string, unknown>;

/** `results.json` as it is written, and as it was before it had a version. */
export const resultsSchema = z.preprocess(withoutOldNames, contentsSchema);

/** Writes `results.json`, atomically. */
export function writeResults(path: string, results: Results): Promise<void> {
  return writeJsonAtomic(path, withOldNames(resultsSchema.parse(results)));
}

/** @throws E_REPORT_RESULTS if the file is missing or not one, naming the field that is wrong */
export function readResults(path: string): Promise<Results> {
  return readJsonFile(path, resultsSchema, {
    code: 'E_REPORT_RESULTS',
    expected: 'the results.json of an experiment',
    todo: 'Write one with gearnn run CONFIG.',
  });
}

/**
 * The results of a file where they differ from others in nothing but the machine that put them together, so that the file stays as it is;
 * else the others.
 */
export async function keepKnown(path: string, results: Results): Promise<Results> {
  const known = await readResults(path).catch(() => undefined);
  if (!known) return results;
  const { cpu, node } = known.environment;
  const alike = { ...results, environment: { ...results.environment, cpu, node } };
  return canonicalJson(alike) === canonicalJson(known) ? known : results;
}

/** Results as the file has them: what is of mIoU stands under its own name, too, where it did when there was no other metric. */
export function withOldNames(results: Results): object {
  const { rows, averages, seeds, rates } = results;
  if (rows[0]?.primary !== 'miou') return results;
  return {
    ...results,
    rows: rows.map((row) => {
      const { miou, pixelAccuracy } = row.scores;
      return { ...row, miou, ...(pixelAccuracy !== undefined && { pixelAccuracy }) };
    }),
    averages: averages && { ...averages, miou: averages.means },
    ...(seeds && { seeds: { ...seeds, scores: seeds.scores.map((score) => ({ ...score, miou: score.values })) } }),
    rates: rates.map((rate) => ({ ...rate, miou: rate.score })),
  };
}

/** The reverse; what stands under an old name alone, in files without a version, is taken from there. */
function withoutOldNames(value: unknown): unknown {
  return change(value, ({ rows, averages, seeds, rates, ...rest }) => ({
    format: FORMAT,
    version: VERSION,
    ...rest,
    rows: changeEach(rows, ({ miou, pixelAccuracy, ...row }) => ({
      scores: { miou, pixelAccuracy },
      primary: 'miou',
      ...row,
    })),
    averages: change(averages, ({ miou, ...average }) => ({ means: miou, ...average })),
    ...(seeds !== undefined && {
      seeds: change(seeds, ({ scores, ...seed }) => ({
        ...seed,
        scores: changeEach(scores, ({ miou, ...score }) => ({ values: miou, ...score })),
      })),
    }),
    rates: changeEach(rates, ({ miou, ...rate }) => ({ score: miou, ...rate })),
  }));
}

/** What is no object stays, for the schema to name. */
function change(value: unknown, how: (fields: Fields) => Fields): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? how(value as Fields) : value;
}

function changeEach(values: unknown, how: (fields: Fields) => Fields): unknown {
  return Array.isArray(values) ? values.map((value) => change(value, how)) : values;
}
