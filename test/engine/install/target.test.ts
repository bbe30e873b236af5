import { expect } from 'chai';
import { cudaRequirements } from '../../../src/engine/install/cuda.js';
import { gearnnHome } from '../../../src/engine/install/home.js';
import { type Machine, olderThan, targetOf } from '../../../src/engine/install/target.js';
import { codeOf } from '../support/machine.js';

const codeFor = (gpu: boolean, machine: Machine): Promise<string> => codeOf((async () => targetOf(gpu, machine))());

describe('engine install: target', () => {
  // The names are those of the files at https://pypi.org/project/tensorflow/2.21.0/#files and of tensorflow-cpu.
  const wheels: [Machine, boolean, string, string][] = [
    [{ platform: 'linux', arch: 'x64', glibc: '2.36' }, false, 'tensorflow-cpu', 'manylinux_2_27_x86_64'],
    [{ platform: 'linux', arch: 'x64', glibc: '2.36' }, true, 'tensorflow', 'manylinux_2_27_x86_64'],
    [{ platform: 'linux', arch: 'arm64', glibc: '2.36' }, false, 'tensorflow', 'manylinux_2_27_aarch64'],
    [{ platform: 'darwin', arch: 'arm64' }, false, 'tensorflow', 'macosx_12_0_arm64'],
  ];
  for (const [machine, gpu, project, tag] of wheels) {
    it(`${machine.platform}-${machine.arch}${gpu ? ' with --gpu' : ''} takes ${project} for ${tag}`, () => {
      const target = targetOf(gpu, machine);
      expect(target.project).to.equal(project);
      expect(target.tags[0]).to.equal(tag);
    });
  }

  it('a machine that no wheel runs on is E_ENGINE_PLATFORM: Windows, Intel Macs, musl, an old glibc, CUDA elsewhere', async () => {
    expect(await codeFor(false, { platform: 'win32', arch: 'x64' })).to.equal('E_ENGINE_PLATFORM');
    expect(await codeFor(false, { platform: 'darwin', arch: 'x64' })).to.equal('E_ENGINE_PLATFORM');
    expect(await codeFor(false, { platform: 'linux', arch: 'x64', glibc: '' })).to.equal('E_ENGINE_PLATFORM');
    expect(await codeFor(false, { platform: 'linux', arch: 'x64', glibc: '2.17' })).to.equal('E_ENGINE_PLATFORM');
    expect(await codeFor(true, { platform: 'linux', arch: 'arm64', glibc: '2.36' })).to.equal('E_ENGINE_PLATFORM');
  });

  it('versions compare number by number', () => {
    expect(olderThan('2.9.1', '2.21.0')).to.equal(true);
    expect(olderThan('2.21.0', '2.21.0')).to.equal(false);
    expect(olderThan('2.36', '2.27')).to.equal(false);
  });

  it('the cache folder is GEARNN_HOME, else in the system cache folder', () => {
    expect(gearnnHome({ GEARNN_HOME: '/data/engines', HOME: '/home/a' }, 'linux')).to.equal('/data/engines');
    expect(gearnnHome({ XDG_CACHE_HOME: '/scratch', HOME: '/home/a' }, 'linux')).to.equal('/scratch/gearnn');
    expect(gearnnHome({ HOME: '/home/a' }, 'linux')).to.equal('/home/a/.cache/gearnn');
    expect(gearnnHome({ HOME: '/Users/a', XDG_CACHE_HOME: '/scratch' }, 'darwin')).to.equal(
      '/Users/a/Library/Caches/gearnn',
    );
  });

  it('a GPU engine fetches what the wheel names under its extra and-cuda', () => {
    // Lines of METADATA in tensorflow-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl.
    const requires = [
      'absl-py>=1.0.0',
      'nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"',
      'nvidia-nccl-cu12<3.0,>=2.27.7; extra == "and-cuda"',
      'tensorflow-io-gcs-filesystem>=0.23.1; python_version < "3.12"',
    ];
    expect(cudaRequirements(requires)).to.deep.equal([
      'nvidia-cublas-cu12<13.0,>=12.5.3.2',
      'nvidia-nccl-cu12<3.0,>=2.27.7',
    ]);
  });
});
