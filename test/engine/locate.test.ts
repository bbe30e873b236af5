import { expect } from 'chai';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { locateTensorflow } from '../../src/engine/locate.js';
import { writeEngine } from './support/engine.js';
import { errorOf, FakeMachine } from './support/machine.js';

describe('engine: locateTensorflow', () => {
  let machine: FakeMachine;
  let home: string;

  beforeEach(() => {
    machine = new FakeMachine();
    home = machine.home;
  });
  afterEach(() => machine.dispose());

  it('is null where nothing is installed, or only for another kind of machine', async () => {
    expect(await locateTensorflow({ home })).to.equal(null);
    writeEngine(home, { platform: 'plan9-mips' });
    expect(await locateTensorflow({ home })).to.equal(null);
  });

  it('tells where the parts lie', async () => {
    const folder = writeEngine(home);
    expect(await locateTensorflow({ home })).to.include({
      folder,
      binding: join(folder, 'tfjs_binding.node'),
      dist: join(folder, 'tfjs-node-gpu/dist'),
      version: '2.21.0',
      gpu: false,
      napi: 8,
      tfjsNode: '4.22.0',
    });
  });

  it('takes the newest version unless one is asked for', async () => {
    for (const version of ['2.9.1', '2.21.0', '2.18.1']) writeEngine(home, { version });
    expect(await locateTensorflow({ home })).to.include({ version: '2.21.0' });
    expect(await locateTensorflow({ home, version: '2.18.1' })).to.include({ version: '2.18.1' });
    expect(await locateTensorflow({ home, version: '2.0.0' })).to.equal(null);
  });

  it('takes the CUDA engine only where an NVIDIA driver is, unless it is asked for', async () => {
    writeEngine(home);
    writeEngine(home, { gpu: true });
    const driver = existsSync('/proc/driver/nvidia/version') || existsSync('/dev/nvidiactl');
    expect(await locateTensorflow({ home })).to.include({ gpu: driver });
    expect(await locateTensorflow({ home, gpu: true })).to.include({ gpu: true });
    expect(await locateTensorflow({ home, gpu: false })).to.include({ gpu: false });
  });

  it('a damaged engine is passed by for a whole one, and an error where it is the only one', async () => {
    const folder = writeEngine(home);
    rmSync(join(folder, 'lib/library'));
    const error = await errorOf(locateTensorflow({ home }));
    expect(error).to.include({ code: 'E_ENGINE_DAMAGED' });
    expect(error!.message).to.contain('lib/library is missing').and.to.contain('gearnn engine install');
    writeEngine(home, { version: '2.18.1' });
    expect(await locateTensorflow({ home })).to.include({ version: '2.18.1' });
    writeFileSync(join(folder, 'lib/library'), 'library');
    expect(await locateTensorflow({ home })).to.include({ version: '2.21.0' });
  });
});
