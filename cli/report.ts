import type { Command } from 'commander';
import { dirname } from 'node:path';
import { withContext, type Context } from './context.js';
import { addExamples, jsonOption } from './options.js';
import { paint, printJson, stdout } from './output.js';

interface Options {
  out?: string;
}

/** `gearnn report`: the pages of an experiment's results, rendered again. */
export function register(program: Command): void {
  const command = program
    .command('report')
    .description('write report.md and report.html from the results of gearnn run, and print their table')
    .argument('<results>', 'results.json of an experiment')
    .option('--out <dir>', 'folder for the two files; that of the results unless said')
    .addOption(jsonOption())
    .action(withContext(writePages));
  addExamples(
    command,
    'gearnn report experiments/camvid-jpeg/results.json',
    'gearnn report experiments/camvid-jpeg/results.json --out /tmp/report',
  );
}

async function writePages({ json }: Context, path: string, { out }: Options): Promise<void> {
  const [{ readResults }, { readPictures }, { writeReport }, { levelLines }] = await Promise.all([
    import('../src/report/results.js'),
    import('../src/report/frequency.js'),
    import('../src/report/write.js'),
    import('../src/report/lines.js'),
  ]);
  const results = await readResults(path);
  const pictures = await readPictures(dirname(path), results);
  const files = await writeReport(out ?? dirname(path), results, { pictures });
  if (json) return printJson({ files });
  for (const [i, line] of levelLines(results).entries()) stdout(i === 0 ? paint('bold', line) : line);
  stdout(`\n${files.markdown}\n${files.html}`);
}
