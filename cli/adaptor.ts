import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import type { AdaptorStorage } from '../src/adaptor/pack.js';
import { withContext, type Context } from './context.js';
import { keepInputs } from './keep-inputs.js';
import { addExamples, forceOption, jsonOption } from './options.js';
import { printJson, printTable } from './output.js';
import { refuseOverwrite } from './overwrite.js';

interface Options {
  checkpoint: string;
  storage: AdaptorStorage;
  out: string;
  force?: boolean;
}

/** `gearnn adaptor` */
export function register(program: Command): void {
  const command = program.command('adaptor').description('adaptors as files');
  const pack = command
    .command('pack')
    .description('write adaptors in fewer bits: as what they change, in 16 or 8 bits a value')
    .argument('<dir>', 'an adaptor, or a folder of adaptors')
    .requiredOption('--checkpoint <dir>', 'their base')
    .addOption(
      new Option('--storage <type>', 'int8: 8 bits and a scale per tensor; fp16; fp32')
        .choices(['fp32', 'fp16', 'int8'])
        .default('int8'),
    )
    .requiredOption('--out <dir>', 'folder for the packed adaptors, OUT/LEVEL')
    .addOption(forceOption())
    .addOption(jsonOption());
  pack.action(withContext(packAll));
  addExamples(pack, 'gearnn adaptor pack checkpoints/demo/adaptors --checkpoint checkpoints/demo --out runs/packed');
}

async function packAll(context: Context, folder: string, { checkpoint, storage, out, force }: Options): Promise<void> {
  const [{ packAdaptor }, { listAdaptors }, { adaptorFiles }, { loadCheckpoint }] = await Promise.all([
    import('../src/adaptor/pack.js'),
    import('../src/adaptor/list.js'),
    import('../src/adaptor/file.js'),
    import('../src/models/checkpoint.js'),
  ]);
  const base = await loadCheckpoint(checkpoint);
  const found = await listAdaptors(folder);
  for (const { level } of found) refuseOverwrite(join(out, level), force, '--out');
  await keepInputs(
    { wholes: { '--out': found.map(({ level }) => join(out, level)) } },
    { folders: { DIR: folder, '--checkpoint': checkpoint } },
  );
  const sizeOf = async (path: string): Promise<number> => (await stat(join(path, adaptorFiles(path)!.tensors))).size;
  const rows: { level: string; from: number; bytes: number }[] = [];
  for (const { level, folder: from } of found) {
    await packAdaptor(from, base, storage, join(out, level));
    rows.push({ level, from: await sizeOf(from), bytes: await sizeOf(join(out, level)) });
  }
  if (context.json) return printJson({ storage, out, adaptors: rows });
  printTable(
    rows.map(({ level, from, bytes }) => [level, from, bytes, (bytes / from).toFixed(2)]),
    { head: ['level', 'bytes before', 'bytes', 'share'], align: ['left'] },
  );
}
