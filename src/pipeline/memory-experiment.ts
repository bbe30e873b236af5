import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic, writeJsonAtomic } from '../common/files.js';
import { readJsonFile } from '../common/json-file.js';
import { gearnnVersion } from '../common/version.js';
import { summarize } from '../models/summary.js';
import {
  memoryCountsSchema,
  renderMemoryMarkdown,
  type MemoryCase,
  type MemoryResults,
} from '../report/memory-results.js';
import { FORMAT, VERSION } from '../report/schema.js';
import { overheadOf } from '../select/overhead.js';
import { experimentName } from './config.js';
import { budgetText } from './methods/shared-options.js';

const count = z.int().positive();

const caseSchema = z.strictObject({
  name: z.string().min(1).describe('what it stands under in the report'),
  model: z.string().describe('network: `drn-d-22`; `gearnn model list` names all'),
  width: z.number().positive().default(1).describe('factor on the channels of every layer'),
  classes: count.describe('classes that it tells apart'),
  budget: budgetText.describe('what an adaptor may hold: a share of the network, or a number of parameters'),
  levels: count.max(999_999).describe('levels to serve, one of them by the network itself'),
  paper: memoryCountsSchema.optional().describe('counts to compare with'),
});

/** A config of kind `memory`: parameters in memory, counted without any data or training. docs/config.md is written from it. */
export const memoryConfigSchema = z.strictObject({
  experiment: experimentName,
  kind: z.literal('memory').describe('what tells this kind of config from the other'),
  cases: z.array(caseSchema).min(1).describe('networks and numbers of levels, a table each'),
});

export type MemoryExperiment = z.infer<typeof memoryConfigSchema>;

/** @throws E_PIPELINE_CONFIG with the path of what is wrong */
export function readMemoryExperiment(path: string): Promise<MemoryExperiment> {
  return readJsonFile(path, memoryConfigSchema, {
    code: 'E_PIPELINE_CONFIG',
    expected: 'the config of an experiment of kind "memory"',
    todo: 'docs/config.md explains every field.',
  });
}

/**
 * Counts what every case keeps in memory. Makes each network once, so an engine has to be running; it computes nothing.
 *
 * @param command what makes these results again
 * @throws E_MODEL_NAME, E_SPLIT_BUDGET, E_USAGE for networks, budgets and widths that are none
 * @source Xie and Kim 2020, Table 1
 */
export function countMemory({ experiment, kind, cases }: MemoryExperiment, command: string): MemoryResults {
  return {
    format: FORMAT,
    version: VERSION,
    experiment,
    kind,
    cases: cases.map((own): MemoryCase => {
      const { model, width, classes, budget, levels, paper, name } = own;
      const counts = overheadOf(`${budget}x${levels}`, summarize({ name: model, classes, width }).state);
      const percent = (parameters: number): number => (100 * (parameters - counts.original)) / counts.original;
      const overhead = { adaptive: percent(counts.adaptive), switching: percent(counts.switching) };
      return { name, model, width, classes, budget, levels, counts, overhead, ...(paper && { paper }) };
    }),
    environment: { gearnn: gearnnVersion() },
    commands: [command],
  };
}

/** Writes `results.json` and `report.md` into a folder, each whole or not at all. */
export async function writeMemoryResults(
  folder: string,
  results: MemoryResults,
): Promise<{ results: string; markdown: string }> {
  const paths = { results: join(folder, 'results.json'), markdown: join(folder, 'report.md') };
  await writeJsonAtomic(paths.results, results);
  await writeFileAtomic(paths.markdown, renderMemoryMarkdown(results));
  return paths;
}
