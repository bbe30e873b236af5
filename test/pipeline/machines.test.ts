import { expect } from 'chai';
import { machinesOf } from '../../src/pipeline/machines.js';

const CPU = { processor: 'A CPU', engine: 'tensorflow', version: '2.21.0' };
const GPU = { ...CPU, gpu: 'A GPU' };

describe('pipeline: machines of an experiment', () => {
  it('are each listed once with the steps that ran there, those that are not known last', () => {
    const stamps = [{}, { machine: CPU }, { machine: GPU }, { machine: { ...CPU } }, {}, { machine: CPU }];
    expect(machinesOf(stamps)).to.deep.equal([
      { machine: CPU, steps: 3 },
      { machine: GPU, steps: 1 },
      { machine: null, steps: 2 },
    ]);
  });

  it('are two where the version of the engine is another', () => {
    const newer = { ...CPU, version: '2.22.0' };
    expect(machinesOf([{ machine: CPU }, { machine: newer }])).to.have.length(2);
  });
});
