import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gpuName, machineText, thisMachine } from '../../src/engine/machine.js';

describe('engine: machine', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gearnn-gpus-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** As the driver writes it; lines after the second are left out. */
  function card(place: string, model: string): void {
    mkdirSync(join(folder, place));
    writeFileSync(join(folder, place, 'information'), `Model: \t\t ${model}\nIRQ:   \t\t 42\n`);
  }

  it('names the processor, the engine and its version, and no card where none computed', () => {
    const machine = thisMachine({ name: 'cpu', version: '4.22.0' });
    expect(machine).to.deep.equal({ processor: cpus()[0]!.model.trim(), engine: 'cpu', version: '4.22.0' });
    expect(machineText(machine)).to.equal(`${machine.processor}, cpu 4.22.0`);
  });

  it('graphics cards of one model are named once', () => {
    card('0000:01:00.0', 'NVIDIA H100 80GB HBM3');
    card('0000:02:00.0', 'NVIDIA H100 80GB HBM3');
    expect(gpuName(folder)).to.equal('NVIDIA H100 80GB HBM3');
    card('0000:03:00.0', 'NVIDIA A10');
    expect(gpuName(folder)).to.equal('NVIDIA A10, NVIDIA H100 80GB HBM3');
  });

  it('a graphics card whose driver says nothing has no name', () => {
    expect(gpuName(join(folder, 'none'))).to.equal('a graphics card of unknown name');
    mkdirSync(join(folder, '0000:01:00.0'));
    expect(gpuName(folder)).to.equal('a graphics card of unknown name');
  });
});
