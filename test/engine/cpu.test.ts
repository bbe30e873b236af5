import { expect } from 'chai';
import { bf16Support, machineSize } from '../../src/engine/cpu.js';

describe('engine: bf16Support', () => {
  // Lines of /proc/cpuinfo, shortened: a Sapphire Rapids Xeon, a Zen 4 EPYC, a Skylake Xeon, a Graviton 3.
  it('names the instructions that the processor has, the fastest first', () => {
    const xeon = 'processor\t: 0\nflags\t\t: fpu avx512f avx512_bf16 amx_bf16 avx512_fp16 amx_tile\n';
    expect(bf16Support(xeon)).to.deep.equal({ instructions: ['amx_bf16', 'avx512_bf16'], supported: true });
    const epyc = 'flags\t\t: fpu avx512f avx512_bf16\n';
    expect(bf16Support(epyc)).to.deep.equal({ instructions: ['avx512_bf16'], supported: true });
    const graviton = 'Features\t: fp asimd i8mm bf16 dgh\n';
    expect(bf16Support(graviton)).to.deep.equal({ instructions: ['bf16'], supported: true });
  });

  it('finds none where the processor, or the system, names none', () => {
    expect(bf16Support('flags\t\t: fpu avx512f avx512bw bf16_like\n')).to.deep.equal({
      instructions: [],
      supported: false,
    });
    expect(bf16Support('')).to.deep.equal({ instructions: [], supported: false });
  });
});

describe('engine: machineSize', () => {
  it('counts at least one thread and some memory', () => {
    const { threads, memory, processor } = machineSize();
    expect(threads).to.be.at.least(1);
    expect(memory).to.be.greaterThan(1e8);
    expect(processor).to.not.equal('');
  });
});
