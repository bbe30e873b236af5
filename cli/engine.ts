import { Option, type Command } from 'commander';
import { fail } from '../src/common/errors.js';
import { gearnnHome } from '../src/engine/install/home.js';
import { megabytes } from '../src/engine/install/space.js';
import { TENSORFLOW_VERSION } from '../src/engine/install/target.js';
import { type Context, withContext } from './context.js';
import { addExamples, jsonOption } from './options.js';
import { printJson, printTable, stdout, summary } from './output.js';

/** `gearnn engine install|list|remove` */
export function register(program: Command): void {
  const engine = program.command('engine').description('install, list and remove the native TensorFlow engine');
  addInstall(engine);
  addList(engine);
  addRemove(engine);
}

function addInstall(engine: Command): void {
  const command = engine
    .command('install')
    .description('fetch TensorFlow and build its binding for Node, into a cache folder that every checkout shares')
    .option('--gpu', 'TensorFlow with CUDA (linux-x64 with an NVIDIA driver; no CUDA has to be installed)')
    .addOption(
      new Option('--tensorflow <version>', `version of TensorFlow (default: ${TENSORFLOW_VERSION})`).argParser(
        parseVersion,
      ),
    )
    .addOption(new Option('--from <wheel>', "a wheel on disk instead of one from pip's index").conflicts('tensorflow'))
    .option('--force', 'install again, even if it is installed')
    .addOption(jsonOption())
    .action(withContext(install));
  addExamples(
    command,
    'gearnn engine install',
    'gearnn engine install --gpu',
    'gearnn engine install --from tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl',
  );
}

interface InstallFlags {
  gpu?: boolean;
  tensorflow?: string;
  from?: string;
  force?: boolean;
}

async function install(context: Context, { gpu, tensorflow, from, force }: InstallFlags): Promise<void> {
  const { installTensorflow } = await import('../src/engine/install/install.js');
  const { engine, installed } = await installTensorflow({
    gpu,
    version: tensorflow,
    from,
    force,
    progress: context.progress,
  });
  const { name, folder, size } = engine;
  if (context.json) return printJson({ name, folder, size, installed });
  summary(`${name} is ${installed ? 'installed' : 'installed already'}: ${folder} (${megabytes(size)} MB).`);
  context.note('Next: gearnn doctor tries it; npm run demo, or gearnn --help, goes on from here.');
}

function addList(engine: Command): void {
  const command = engine
    .command('list')
    .description('list the installed engines: where each lies, its size, and whether it is complete')
    .option('--verify', "compare every file's SHA-256, not only its size")
    .addOption(jsonOption())
    .action(withContext(list));
  addExamples(command, 'gearnn engine list', 'gearnn engine list --verify');
}

async function list({ json }: Context, { verify = false }: { verify?: boolean }): Promise<void> {
  const { listEngines } = await import('../src/engine/install/check.js');
  const home = gearnnHome();
  const { isCurrent, OUTDATED } = await import('../src/engine/install/current.js');
  const installs = await Promise.all(
    (await listEngines(home, { verify })).map(async (engine) => ({ ...engine, current: await isCurrent(engine) })),
  );
  const state = (problems: string[]): string => (problems.length === 0 ? 'ok' : 'damaged');
  if (json) {
    const tensorflow = installs.map(({ name, folder, manifest, size, problems, current }) => ({
      name,
      folder,
      version: manifest?.tensorflow ?? null,
      gpu: manifest?.gpu ?? null,
      size,
      state: state(problems),
      current,
      problems,
    }));
    return printJson({
      home,
      engines: [
        { name: 'tensorflow', installed: tensorflow.some((install) => install.state === 'ok'), installs: tensorflow },
        { name: 'wasm', installed: true },
        { name: 'cpu', installed: true },
      ],
    });
  }
  const rows = installs.map(({ name, folder, size, problems }) => [
    name,
    `${megabytes(size)} MB`,
    state(problems),
    folder,
  ]);
  const builtIn = ['wasm', 'cpu'].map((name) => [name, null, 'ok', 'part of gearnn']);
  printTable([...rows, ...builtIn], {
    head: ['engine', 'size', 'state', 'folder'],
    align: ['left', 'right', 'left', 'left'],
  });
  for (const { name, problems } of installs) for (const problem of problems.slice(0, 5)) stdout(`${name}: ${problem}`);
  const outdated = installs.filter(({ problems, current }) => problems.length === 0 && !current);
  for (const { name } of outdated) stdout(`${name}: ${OUTDATED}. gearnn engine install builds it anew.`);
  if (installs.length === 0) stdout('TensorFlow is not installed. Run gearnn engine install.');
  else if (installs.some(({ problems }) => problems.length > 0))
    stdout('Run gearnn engine install to replace what is damaged.');
}

function addRemove(engine: Command): void {
  const command = engine
    .command('remove')
    .description('remove an installed engine; where there is only one, its name may be left out')
    .argument('[name]', 'as gearnn engine list shows it')
    .option('--all', 'remove every installed engine, what interrupted installations left, and every kept download')
    .addOption(jsonOption())
    .action(withContext(remove));
  addExamples(
    command,
    'gearnn engine remove',
    'gearnn engine remove tensorflow-2.21.0-linux-x64-cpu',
    'gearnn engine remove --all',
  );
}

async function remove(context: Context, name: string | undefined, { all }: { all?: boolean }): Promise<void> {
  if (all && name !== undefined)
    fail('E_USAGE', {
      where: 'engine remove',
      expected: 'a name or --all',
      got: `both (${name})`,
      todo: 'Leave one out.',
    });
  const { removeAllEngines, removeEngine } = await import('../src/engine/install/remove.js');
  const { json, progress } = context;
  const removed = all ? await removeAllEngines({ progress }) : [await removeEngine(name, { progress })];
  if (json) return printJson({ removed: removed.map((engine) => engine.name) });
  for (const engine of removed) summary(`Removed ${engine.name} (${megabytes(engine.size)} MB).`);
  if (removed.length === 0) summary('Nothing was installed.');
}

function parseVersion(text: string): string {
  if (/^\d+\.\d+\.\d+$/.test(text)) return text;
  return fail('E_USAGE', {
    where: '--tensorflow',
    expected: `a version such as ${TENSORFLOW_VERSION}`,
    got: `"${text}"`,
  });
}
