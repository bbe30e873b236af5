import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { GEARNN } from '../support/programs.js';
import { ended, start, trial } from './support/start-trial.js';

describe('cli: how a command ends', () => {
  it('an old Node is named before a dependency stops at it', async () => {
    const old = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'18.20.0'}})`;
    const { code, err } = await ended(spawn(process.execPath, ['--import', old, ...GEARNN, '--help']));
    expect({ code, err }).to.deep.equal({
      code: 2,
      err: 'gearnn: expected Node.js 20.10 or newer, got 18.20.0. Install it from https://nodejs.org and run again.\n',
    });
  });

  it('a wrong call exits with 2 and says what to do, with its code', async () => {
    expect(await trial('wrong')).to.deep.equal({
      code: 2,
      out: '',
      err: '--x: expected one, got two. Give one. (E_USAGE)\n',
    });
  });

  it('a failed run exits with 1 and shows no stack', async () => {
    expect(await trial('failed')).to.deep.equal({
      code: 1,
      out: '',
      err: 'x: expected [1], got [2]. (E_SHAPE)\n',
    });
  });

  it('a failed run ends although something is left running', async () => {
    expect((await trial('leftover')).code).to.equal(1);
  });

  it('an unknown option exits with 2 and names the help', async () => {
    const { code, out, err } = await trial('wrong', '--jsno');
    expect({ code, out }).to.deep.equal({ code: 2, out: '' });
    expect(err).to.match(/^gearnn: unknown option '--jsno'\n\(Did you mean --json\?\)/);
  });

  it('an unknown command exits with 2', async () => {
    const { code, err } = await trial('flod');
    expect(code).to.equal(2);
    expect(err).to.match(/^gearnn: unknown command 'flod'\n\(Did you mean flood\?\)/);
  });

  it('--help and --version exit with 0', async () => {
    expect((await trial('--help')).code).to.equal(0);
    expect(await trial('--version')).to.include({ code: 0, err: '' });
  });

  it('an unexpected error asks for a report, and shows its stack and cause only with --verbose', async () => {
    const short = await trial('broken');
    expect(short.code).to.equal(1);
    expect(short.err).to.match(/^gearnn: unexpected error: kaput\nThis is a fault in gearnn\. Please report it/);
    expect(short.err).not.to.contain('    at ');
    const long = await trial('broken', '--verbose');
    expect(long.err).to.contain('    at ').and.to.contain('Caused by: Error: the root of it');
  });

  it('a full disk is named as one', async () => {
    const { code, err } = await trial('full');
    expect(code).to.equal(1);
    expect(err).to.match(
      /^\/data\/out: expected free space, got a full disk.*ENOSPC.* run the same command again\. \(E_DISK_FULL\)\n$/,
    );
  });

  const PLACES = [
    ['enoent', 'expected something of that name, got nothing'],
    ['enotdir', 'expected folders up to there, got a file in the place of one'],
    ['eisdir', 'expected a file, got a folder'],
    ['eexist', 'expected a place for a new file or folder, got one that is taken'],
  ] as const;
  for (const [code, text] of PLACES) {
    it(`${code.toUpperCase()} is named with its path, and not as a fault in gearnn`, async () => {
      const { code: exit, err } = await trial(code);
      expect(exit).to.equal(1);
      expect(err)
        .to.match(/^[^\n]+\n$/)
        .and.to.contain(`/data/out: ${text}`);
    });
  }

  it('one without a path is no fault in gearnn either, and has its code', async () => {
    const { err } = await trial('pathless');
    expect(err).to.contain('(ENOENT)').and.to.contain('E_FILE_MISSING').and.not.to.contain('fault in gearnn');
  });

  it('a reader that goes away ends the command quietly', async () => {
    const child = start('flood');
    const { code, err } = await ended(child, () => child.stdout.destroy());
    expect({ code, err }).to.deep.equal({ code: 0, err: '' });
  });

  it('progress is plain lines on stderr off a terminal, and none with --json', async () => {
    expect(await trial('steps')).to.deep.equal({
      code: 0,
      out: '{}\n',
      err: 'epoch 1/1: 1/3 steps  loss 0.1235\nepoch 1/1: 3/3 steps  loss 0.1235\n',
    });
    expect(await trial('steps', '--json')).to.deep.equal({ code: 0, out: '{}\n', err: '' });
  });
});

describe('cli: Ctrl-C', () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`${signal} lets the command save, says how to go on and exits with 130`, async () => {
      const child = start('gentle');
      const { code, out, err } = await ended(child, () => child.kill(signal));
      expect(code).to.equal(130);
      expect(out).to.equal('running\nsaved\n');
      expect(err).to.contain('press Ctrl-C again').and.to.contain('Go on with: gearnn train --resume');
    });
  }

  it('a second one quits at once', async () => {
    const child = start('stubborn');
    child.stderr.once('data', () => setTimeout(() => child.kill('SIGINT'), 1000));
    const { code, err } = await ended(child, () => child.kill('SIGINT'));
    expect(code).to.equal(130);
    expect(err).to.match(/^Stopping after the current step[^\n]*\n$/);
  });

  it('the copy that npm passes on of the same Ctrl-C is no second one', async () => {
    const child = start('slow');
    child.stderr.once('data', () => child.kill('SIGINT'));
    const { code, out, err } = await ended(child, () => child.kill('SIGINT'));
    expect({ code, out }).to.deep.equal({ code: 130, out: 'running\nsaved\n' });
    expect(err).to.contain('Go on with: gearnn train --resume');
  });

  it('the first one quits at once where the command cannot stop gently', async () => {
    const child = start('unwatched');
    expect(await ended(child, () => child.kill('SIGINT'))).to.deep.equal({ code: 130, out: 'running\n', err: '' });
  });
});
