import type { Command } from 'commander';
import { dirname, join } from 'node:path';
import type { Results } from '../src/report/schema.js';
import { withContext, type Context } from './context.js';
import { keepInputs } from './keep-inputs.js';
import { addExamples, jsonOption } from './options.js';
import { paint, printJson, summary } from './output.js';
import { readText } from '../src/common/text-file.js';

interface Options {
  out?: string;
  plots?: boolean;
}

/** `gearnn report`: the pages of an experiment's results, rendered again. */
export function register(program: Command): void {
  const command = program
    .command('report')
    .description('write report.md and report.html from the results of gearnn run, and print their table')
    .argument('<results>', 'results.json of an experiment')
    .option('--out <dir>', 'folder for the two files (default: that of the results)')
    .option('--plots', "also write each level's sensitivities as a picture, sensitivity-LEVEL.svg")
    .addOption(jsonOption())
    .action(withContext(writePages));
  addExamples(
    command,
    'gearnn report experiments/camvid-jpeg/results.json',
    'gearnn report experiments/camvid-jpeg/results.json --out /tmp/report --plots',
  );
}

async function writePages(context: Context, path: string, { out, plots }: Options): Promise<void> {
  const { json } = context;
  const folder = out ?? dirname(path);
  const pages = ['report.md', 'report.html'].map((name) => join(folder, name));
  await keepInputs({ files: { '--out': pages } }, { files: { results: path } });
  if (await isOfMemory(path)) {
    const { reportMemory, refuse } = await import('./memory-run.js');
    if (plots) refuse('--plots', path);
    return reportMemory(context, path, folder);
  }
  const [{ readResults }, { readPictures }, { writeReport }, { levelLines }] = await Promise.all([
    import('../src/report/results.js'),
    import('../src/report/frequency.js'),
    import('../src/report/write.js'),
    import('../src/report/lines.js'),
  ]);
  const results = await readResults(path);
  const pictures = await readPictures(dirname(path), results);
  const files = { ...(await writeReport(folder, results, { pictures })), plots: [] as string[] };
  if (plots) files.plots = await writePlots(folder, results);
  if (json) return printJson({ files });
  for (const [i, line] of levelLines(results).entries()) summary(i === 0 ? paint('bold', line) : line);
  summary(`\n${[files.markdown, files.html, ...files.plots].join('\n')}`);
}

/** Whether the results are of kind `memory`; what is wrong with a file is said where it is read. */
async function isOfMemory(path: string): Promise<boolean> {
  try {
    return (JSON.parse(await readText(path)) as { kind?: unknown } | null)?.kind === 'memory';
  } catch {
    return false;
  }
}

/** @returns the files */
async function writePlots(folder: string, { splits }: Results): Promise<string[]> {
  const [{ sensitivitySvg }, { writeFileAtomic }] = await Promise.all([
    import('../src/report/sensitivity-svg.js'),
    import('../src/common/files.js'),
  ]);
  const paths = splits.map(({ level }) => join(folder, `sensitivity-${level}.svg`));
  for (const [i, split] of splits.entries()) await writeFileAtomic(paths[i]!, sensitivitySvg(split));
  return paths;
}
