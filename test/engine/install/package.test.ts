import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installPackage } from '../../../src/engine/install/package.js';
import { errorOf, FakeMachine } from '../support/machine.js';

describe('engine install: the package with the binding', () => {
  let machine: FakeMachine;
  let folder: string;
  /** A module in whose node_modules nothing is. */
  let lonely: string;

  beforeEach(() => {
    machine = new FakeMachine();
    folder = join(machine.folder, 'engine');
    lonely = pathToFileURL(join(machine.folder, 'module.js')).href;
  });
  afterEach(() => machine.dispose());

  function archive(name: string, files: Record<string, string>): void {
    const root = join(machine.folder, name);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(root, 'package', path, '..'), { recursive: true });
      writeFileSync(join(root, 'package', path), text);
    }
    execFileSync('/usr/bin/env', [
      'PATH=/usr/bin:/bin',
      'tar',
      '-czf',
      join(machine.folder, `${name}.tgz`),
      '-C',
      root,
      'package',
    ]);
  }

  it('is fetched by npm where node_modules lacks it, without its tests, types and own TensorFlow', async () => {
    archive('tensorflow-tfjs-node-gpu-4.22.0', {
      'package.json': '{"version":"4.22.0"}',
      'dist/index.js': 'js',
      'dist/index_test.js': 'test',
      'dist/index.d.ts': 'types',
      'binding/tfjs_binding.cc': 'source',
      'deps/lib/libtensorflow.so': 'another',
    });
    archive('google-protobuf-3.21.4', { 'package.json': '{"version":"3.21.4"}', 'google-protobuf.js': 'proto' });
    const list = JSON.stringify([
      { name: '@tensorflow/tfjs-node-gpu', version: '4.22.0' },
      { name: 'google-protobuf', version: '3.21.4' },
    ]);
    machine.program(
      'npm',
      `echo "$*" > ${machine.folder}/npm.log; for last; do :; done; /bin/cp ${machine.folder}/*.tgz "$last"; echo '${list}'`,
    );
    machine.program('tar', 'PATH=/usr/bin:/bin exec tar "$@"');
    expect(await installPackage(folder, lonely)).to.equal('4.22.0');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /\.\w+$/.test(path));
    expect(files.sort()).to.deep.equal([
      'tfjs-node-gpu/binding/tfjs_binding.cc',
      'tfjs-node-gpu/dist/index.js',
      'tfjs-node-gpu/node_modules/google-protobuf/google-protobuf.js',
      'tfjs-node-gpu/node_modules/google-protobuf/package.json',
      'tfjs-node-gpu/package.json',
    ]);
    expect(readFileSync(join(machine.folder, 'npm.log'), 'utf8')).to.match(
      /^pack @tensorflow\/tfjs-node-gpu@4\.22\.0 google-protobuf@\^3\.9\.2 --ignore-scripts /,
    );
  });

  it('a registry out of reach, or no npm at all, is E_ENGINE_PACKAGE', async () => {
    machine.program('npm', 'echo "npm error code ENOTFOUND" >&2; exit 1');
    const error = await errorOf(installPackage(folder, lonely));
    expect(error).to.include({ code: 'E_ENGINE_PACKAGE' });
    expect(error!.message).to.contain('ENOTFOUND');
    expect(existsSync(join(folder, '.packages'))).to.equal(false);
    machine.program('npm', 'exit 127');
    expect(await errorOf(installPackage(folder, lonely))).to.include({ code: 'E_ENGINE_PACKAGE' });
  });
});
