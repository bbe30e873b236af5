import { Command } from 'commander';
import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainFailure } from '../../cli/explain.js';
import { interruption } from '../../cli/interrupt.js';
import { refuseTilde } from '../../cli/paths.js';
import { packageRoot } from '../../src/common/package-root.js';
import { prepare } from '../../src/distort/prepare.js';
import { parseLevel } from '../../src/distort/level.js';
import { openDataset } from '../../src/data/registry.js';
import { listEngines } from '../../src/engine/install/check.js';
import { settle } from '../../src/common/outcome.js';

describe('cli: what a command failed with', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'gearnn-explain-'))));
  after(() => rm(folder, { recursive: true, force: true }));
  afterEach(() => interruption.promise(undefined));

  /** A command as commander hands it to an action. */
  async function given(...argv: string[]): Promise<Command> {
    const command = new Command('x').argument('[source]').option('--out <dir>').option('--log <file>');
    command.option('--force').action(() => undefined);
    return command.parseAsync(argv, { from: 'user' });
  }

  const failed = (code: string, path?: string): Error => Object.assign(new Error(code), { code, path });
  const messageOf = async (error: Error, ...argv: string[]): Promise<string> =>
    ((await explainFailure(error, await given(...argv))) as Error).message;

  it('an error of the system names the option whose place it is about, the innermost of several', async () => {
    const out = join(folder, 'runs');
    const argv = ['--out', out, '--log', join(out, 'logs/a.jsonl')];
    expect(await messageOf(failed('ENOSPC', join(out, 'model.safetensors')), ...argv)).to.match(/^--out: .*\(ENOSPC\)/);
    expect(await messageOf(failed('EACCES', join(out, 'logs/a.jsonl')), ...argv)).to.match(/^--log: /);
    expect(await messageOf(failed('EROFS', folder), '--out', out)).to.match(/^--out: /);
    expect(await messageOf(failed('ENOSPC', join(folder, 'a.png')), join(folder, 'a.png'))).to.match(/^source: /);
  });

  it('an error without a path names no option, and one of the own modules not the module', async () => {
    expect(await messageOf(failed('ENOSPC'), '--out', folder)).to.match(/^the file system: /);
    const own = failed('EMFILE', join(packageRoot(), 'node_modules/zod/index.js'));
    expect(await messageOf(own)).to.match(/^gearnn itself: .*ulimit -n 4096/);
  });

  it('"the same command again" says --force where that asks for it', async () => {
    expect(await messageOf(failed('ENOSPC', folder), '--out', folder)).to.contain('command again, with --force where');
    expect(await messageOf(failed('ENOSPC', folder), '--out', folder, '--force')).to.match(
      /run the same command again\.$/,
    );
    interruption.promise({ hint: 'the same command (the measurement starts again)' });
    expect(await messageOf(failed('ENOSPC', folder), '--out', folder)).to.contain('starts again), with --force where');
  });

  it('a training goes on by --resume only where it has saved a state', async () => {
    interruption.promise({ hint: 'gearnn train --resume' });
    const out = join(folder, 'run');
    expect(await messageOf(failed('ENOSPC', out), '--out', out)).to.match(/then run the same command again\.$/);
    await mkdir(join(out, '.state'), { recursive: true });
    await writeFile(join(out, '.state/state.safetensors'), '');
    expect(await messageOf(failed('ENOSPC', out), '--out', out)).to.contain('go on with: gearnn train --resume');
  });

  it('a file among the folders of distort --out has the code of distort', async () => {
    await writeFile(join(folder, 'file'), '');
    const out = join(folder, 'file/x');
    const dataset = await openDataset('scenes:7@32x64');
    const levels = [parseLevel('jpeg=10')];
    const error = await settle(() => prepare({ dataset, levels, out, splits: ['val'] }));
    expect(error).to.include({ code: 'E_DISTORT_FOLDER' });
    expect(error).to.have.property('message').that.contains('(EEXIST)');
  });

  it('a ~ that the shell has not replaced is a wrong call, unless such a folder is there', async () => {
    expect(() => refuseTildeOf('~/runs')).to.throw(/--out.*\$HOME/);
    expect(() => refuseTildeOf('runs/~')).not.to.throw();
    function refuseTildeOf(out: string): void {
      const command = new Command('x').option('--out <dir>').action(() => undefined);
      refuseTilde(command.parse(['--out', out], { from: 'user' }));
    }
  });

  it('a file in the place of the cache folder is told as that, and no fault', async () => {
    const home = join(folder, 'home');
    await writeFile(home, '');
    const error = await settle(() => listEngines(home));
    const { message } = (await explainFailure(error, await given())) as Error;
    expect(message).to.contain(home).and.to.contain('(ENOTDIR)');
  });
});
