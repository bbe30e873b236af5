import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { cp, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AdaptorBank } from '../../src/adaptor/bank.js';
import { type Adaptor, adaptorFiles, loadAdaptor, saveAdaptor } from '../../src/adaptor/file.js';
import { mergedTensors, withAdaptor } from '../../src/adaptor/merge.js';
import { packAdaptor } from '../../src/adaptor/pack.js';
import { evaluateLevels } from '../../src/eval/levels.js';
import { type Checkpoint, loadCheckpoint, networkOf } from '../../src/models/checkpoint.js';
import { decodeSafetensors } from '../../src/models/safetensors.js';
import { stateDict, type StateDict } from '../../src/models/state-dict.js';
import { writeLowRank } from '../serve/support/low-rank.js';
import { temporaryFolder } from '../data/support/folders.js';
import { onEngines, onTensorflow } from '../support/engines.js';
import { expectFailure } from '../support/failure.js';

const DEMO = 'checkpoints/demo';
const LEVEL = 'brightness=0.3';

onEngines('packed adaptors', () => {
  const folder = temporaryFolder();
  let base: Checkpoint;
  const from: Record<string, string> = { items: join(DEMO, 'adaptors', LEVEL) };
  const merged = (adaptor: Adaptor): StateDict => mergedTensors(adaptor, (name) => base.state.get(name));

  before(async () => {
    base = await loadCheckpoint(DEMO);
    await writeLowRank(DEMO, folder(), 'jpeg=30');
    from['lora'] = join(folder(), 'jpeg=30');
  });

  for (const kind of ['items', 'lora']) {
    for (const [storage, bits] of [
      ['int8', 14],
      ['fp16', 17],
      ['fp32', 33],
    ] as const) {
      it(`${kind} in ${storage}: small, near what they were, and the same in memory as merged into a file`, async () => {
        const out = join(folder(), kind, storage);
        await packAdaptor(from[kind]!, base, storage, out);
        const [whole, packed] = [await loadAdaptor(from[kind]!, base), await loadAdaptor(out, base)];
        expect(packed.config).to.include({
          level: whole.config.level,
          base: base.hash,
          parameters: whole.config.parameters,
        });
        const path = join(out, adaptorFiles(out)!.tensors);
        const bytes = await readFile(path);
        const { tensors } = decodeSafetensors(bytes, path);
        const values = [...tensors.values()].reduce((sum, tensor) => sum + tensor.bytes.length, 0);
        expect((8 * values) / whole.config.parameters).to.be.below(bits);
        for (const [name, { data }] of merged(packed)) {
          const [wanted, own] = [merged(whole).get(name)!.data, base.state.get(name)!.data];
          const most = Math.max(...wanted.map((value, i) => Math.abs(value - own[i]!)));
          expect(Math.max(...data.map((value, i) => Math.abs(value - wanted[i]!))), name).to.be.at.most(
            most / 50 + 1e-6,
          );
          if (name.endsWith('running_var')) expect(Math.min(...data), name).to.be.above(0);
        }
        const before = tf.memory().numTensors;
        const network = networkOf(base);
        const bank = new AdaptorBank(network);
        for (const share of [1, 0.5]) {
          bank.addAdaptor(packed, share);
          bank.swap(packed.config.level);
          const held = stateDict(network);
          for (const [name, { data }] of withAdaptor(base, packed, share).state)
            expect(
              Buffer.compare(Buffer.from(held.get(name)!.data.buffer), Buffer.from(Float32Array.from(data).buffer)),
              `${share} ${name}`,
            ).to.equal(0);
        }
        bank.dispose();
        network.dispose();
        expect(tf.memory().numTensors).to.equal(before);
      });
    }
  }
});

describe('packed adaptors: files', () => {
  const folder = temporaryFolder();

  it('belong to their base alone, and need the scale of every tensor of bytes', async () => {
    const base = await loadCheckpoint(DEMO);
    const out = join(folder(), 'packed');
    await packAdaptor(join(DEMO, 'adaptors', LEVEL), base, 'int8', out);
    const other = { ...base, hash: 'f'.repeat(64) };
    await expectFailure(loadAdaptor(out, other), 'E_ADAPTOR_BASE_MISMATCH');
    await expectFailure(packAdaptor(out, other, 'int8', join(folder(), 'never')), 'E_ADAPTOR_BASE_MISMATCH');
    const path = join(out, 'changes.safetensors');
    const bytes = await readFile(path);
    const text = bytes.toString('latin1');
    await writeFile(path, Buffer.from(text.replace('"scale ', '"skale '), 'latin1'));
    await expectFailure(loadAdaptor(out, base), 'E_ADAPTOR', 'scale of', path);
  });

  it('a variance that bytes would take out of place is kept in more bits', async () => {
    const base = await loadCheckpoint(DEMO);
    const name = 'base.5.0.bn1.running_var';
    const whole = await loadAdaptor(join(DEMO, 'adaptors', LEVEL), base);
    const own = base.state.get(name)!;
    // One channel grows a thousandfold, all others shrink by a tenth: steps of the scale are coarser than these are large.
    const data = own.data.map((value, i) => (i === 0 ? 1000 * value : 0.9 * value));
    const from = join(folder(), 'wide');
    await saveAdaptor(from, whole.config, new Map([...whole.state, [name, { ...own, data }]]));
    const out = join(folder(), 'wide packed');
    await packAdaptor(from, base, 'int8', out);
    const path = join(out, 'changes.safetensors');
    const { tensors } = decodeSafetensors(await readFile(path), path);
    expect(tensors.get(name)!.dtype).to.equal('F16');
    expect(tensors.get('base.5.0.bn1.running_mean')!.dtype).to.equal('F16');
    expect(tensors.get('base.6.0.bn1.running_mean')!.dtype).to.equal('I8');
  });
});

onTensorflow('packed adaptors: scores', () => {
  const folder = temporaryFolder();

  it('lose at most 0.1 points, in a smaller file', async function () {
    this.timeout(120_000);
    const base = await loadCheckpoint(DEMO);
    const from = join(DEMO, 'adaptors', LEVEL);
    await cp(from, join(folder(), 'whole', LEVEL), { recursive: true });
    await packAdaptor(from, base, 'int8', join(folder(), 'packed', LEVEL));
    const size = async (path: string): Promise<number> => (await stat(path)).size;
    const [before, after] = [
      await size(join(from, 'adaptor.safetensors')),
      await size(join(folder(), 'packed', LEVEL, 'changes.safetensors')),
    ];
    expect(after).to.be.below(0.6 * before);
    const score = async (name: string): Promise<number> => {
      const run = { checkpoint: DEMO, data: 'scenes:7', split: 'val[:16]', levels: [LEVEL] };
      const rows = await evaluateLevels({ ...run, adaptors: join(folder(), name) });
      return rows[1]!.scores['miou']!;
    };
    expect(await score('packed')).to.be.above((await score('whole')) - 0.001);
  });
});
