import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { adapt } from '../../src/adapt/adapt.js';
import { hasRoomForAffine } from '../../src/adapt/candidates.js';
import { parseWays } from '../../src/adapt/ways.js';
import type { AdaptOptions, AdaptRow } from '../../src/adapt/options.js';
import { loadAdaptor } from '../../src/adaptor/file.js';
import type { Progress } from '../../src/common/progress.js';
import { openDataset } from '../../src/data/registry.js';
import { startEngine } from '../../src/engine/start.js';
import { evaluateLevels } from '../../src/eval/levels.js';
import { encodePng } from '../../src/image/encode.js';
import { loadCheckpoint, networkOf } from '../../src/models/checkpoint.js';
import { temporaryFolder, write } from '../data/support/folders.js';
import { onTensorflow } from '../support/engines.js';
import { expectFailure } from '../support/failure.js';
import { ROOT } from '../support/sources.js';

const LEVEL = 'brightness=0.3';

onTensorflow('what adapt may change', () => {
  const folder = temporaryFolder();
  const checkpoint = join(ROOT, 'checkpoints/demo');
  let usual: Omit<AdaptOptions, 'out'>;

  before(async () => {
    const scenes = await openDataset('scenes:7@48x64');
    for (const sample of scenes.samples('train').slice(0, 26))
      await write(folder(), `photos/${sample.id}.png`, await encodePng(await scenes.readImage(sample)));
    const engine = await startEngine({ engine: 'tensorflow' });
    usual = {
      ...{ checkpoint, data: `images:${join(folder(), 'photos')}`, levels: [LEVEL], budget: '2%', seed: 1, engine },
      ...{ steps: 4, rates: [0.01], batch: 2, size: [48, 48] },
    };
  });

  /** @returns the level's row, but for its time, and the trainings that there were */
  const adapted = async (out: string, how?: string): Promise<{ row: AdaptRow; trained: Set<string> }> => {
    const trained = new Set<string>();
    const progress: Progress = ({ task, unit }) => void (unit === 'steps' && trained.add(task));
    const { rows } = await adapt({ ...usual, how, out, progress });
    return { row: { ...rows[0]!, seconds: 0 }, trained };
  };

  const tensorsIn = async (out: string): Promise<string[]> => {
    const { config } = await loadAdaptor(out, await loadCheckpoint(checkpoint));
    return (config as { items: { tensors: string[] }[] }).items.flatMap(({ tensors }) => tensors);
  };

  const scalesAndShifts = async (): Promise<string[]> => {
    const network = networkOf(await loadCheckpoint(checkpoint));
    network.dispose();
    return network.parameters.filter(({ role }) => role === 'scale' || role === 'shift').map(({ name }) => name);
  };

  it('low-rank changes: an adaptor of factors within the budget, without a training of the whole network; affine: all scales and shifts; best: the best of all', async function () {
    this.timeout(300_000);
    const out = join(folder(), 'low-rank');
    const lowRank = await adapted(out, 'low-rank');
    expect(lowRank.row).to.include({ how: 'low-rank', kept: true });
    expect(lowRank.row.after).to.be.above(lowRank.row.before);
    expect([...lowRank.trained].filter((task) => task.includes('whole network'))).to.deep.equal([]);
    expect(await readdir(join(out, LEVEL))).to.include('lora_config.json');
    const { config } = await loadAdaptor(join(out, LEVEL), await loadCheckpoint(checkpoint));
    expect(config).to.include({ format: 'gearnn-lora', parameters: lowRank.row.parameters });
    expect(config.parameters).to.be.at.most(config.budget.parameters);
    // The same figures as gearnn eval has.
    const [before, after] = await evaluateLevels({
      ...{ checkpoint, adaptors: out, data: usual.data, split: 'val', levels: [LEVEL], agreement: true },
    });
    expect(lowRank.row.before).to.be.closeTo(before!.scores['miou']!, 1e-3);
    expect(lowRank.row.after).to.be.closeTo(after!.scores['miou']!, 1e-3);

    const items = await adapted(join(folder(), 'items'), 'items');
    expect(items.row.how).to.equal('items');
    expect([...items.trained].filter((task) => task.includes('low-rank'))).to.deep.equal([]);
    const affine = await adapted(join(folder(), 'affine'), 'affine');
    expect(affine.row).to.include({ how: 'affine', kept: true });
    expect([...affine.trained].filter((task) => task.includes('whole network'))).to.deep.equal([]);
    expect(await tensorsIn(join(folder(), 'affine', LEVEL))).to.have.members(await scalesAndShifts());
    expect(await adapted(join(folder(), 'auto')), 'room for all').to.deep.equal(affine);
    const best = await adapted(join(folder(), 'best'), 'best');
    expect(best.trained).to.deep.equal(new Set([...items.trained, ...affine.trained, ...lowRank.trained]));
    const rows = { items: items.row, affine: affine.row, 'low-rank': lowRank.row };
    expect(best.row).to.deep.equal(rows[best.row.how]);
  });

  it('what the knapsack chooses where there is no room for all scales and shifts', async () => {
    const base = await loadCheckpoint(checkpoint);
    const network = networkOf(base);
    network.dispose();
    const names = new Set(await scalesAndShifts());
    const values = network.parameters.reduce((sum, { name, size }) => sum + (names.has(name) ? size : 0), 0);
    expect([values, values - 1].map((budget) => hasRoomForAffine(base, String(budget)))).to.deep.equal([true, false]);
    expect([true, false].flatMap((hasRoom) => parseWays('auto', hasRoom))).to.deep.equal(['affine', 'items']);
  });

  it('nothing else, and not without room for it', async () => {
    const out = join(folder(), 'never');
    await expectFailure(adapt({ ...usual, how: 'all', out }), 'E_USAGE', 'auto, items, affine, low-rank, best');
    expect(existsSync(out)).to.equal(false);
    await expectFailure(adapt({ ...usual, how: 'low-rank', budget: '3', out }), 'E_SPLIT_BUDGET', 'larger budget');
    await expectFailure(
      adapt({ ...usual, how: 'affine', budget: '0.1%', out: join(folder(), 'none') }),
      'E_SPLIT_BUDGET',
      'all scales and shifts',
    );
  });
});
