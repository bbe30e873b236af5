import { expect } from 'chai';
import { join } from 'node:path';
import { stepOf } from '../../src/adapt/adapt.js';
import { commonSize } from '../../src/adapt/common-size.js';
import { openDataset } from '../../src/data/registry.js';
import { startEngine } from '../../src/engine/start.js';
import { encodePng } from '../../src/image/encode.js';
import { loadCheckpoint } from '../../src/models/checkpoint.js';
import { temporaryFolder, write } from '../data/support/folders.js';
import { ROOT } from '../support/sources.js';

describe('what size of crop fits pictures of mixed sizes', () => {
  const folder = temporaryFolder();
  const of = async (name: string, sizes: [height: number, width: number, count: number][]): Promise<object> => {
    const each = sizes.flatMap(([height, width, count]) => Array.from({ length: count }, () => ({ height, width })));
    for (const [i, { height, width }] of each.entries()) {
      const picture = { data: new Uint8Array(height * width * 3), width, height, channels: 3 as const };
      await write(folder(), `${name}/${String(i).padStart(3, '0')}.png`, await encodePng(picture));
    }
    const dataset = await openDataset(`images:${folder()}/${name}`);
    return commonSize(
      dataset,
      ['train', 'val'].flatMap((split) => dataset.samples(split)),
    );
  };

  it('is their own where all are of one', async () => {
    expect(await of('one', [[64, 96, 5]])).to.deep.equal({ height: 64, width: 96 });
  });

  it('lies within lying and upright pictures alike, whichever comes first', async () => {
    const within = { height: 64, width: 64 };
    expect(await of('lying', [[64, 96, 6], [96, 64, 4]])).to.deep.equal(within); // prettier-ignore
    expect(await of('upright', [[96, 64, 4], [64, 96, 6]])).to.deep.equal(within); // prettier-ignore
  });

  it('is not that of a thumbnail, nor of one picture that is larger than the others', async () => {
    expect(await of('thumbnail', [[8, 8, 1], [64, 96, 19]])).to.deep.equal({ height: 64, width: 96 }); // prettier-ignore
    expect(await of('first', [[200, 300, 1], [64, 96, 19]])).to.deep.equal({ height: 64, width: 96 }); // prettier-ignore
  });

  it('is found by pictures all over the list where there are many', async () => {
    expect(await of('many', [[64, 96, 60], [32, 32, 40]])).to.deep.equal({ height: 32, width: 32 }); // prettier-ignore
  });

  it('is what a step of adapt looks at, whatever crops its network was trained on', async () => {
    const engine = await startEngine({ engine: 'cpu' });
    const checkpoint = join(ROOT, 'checkpoints/demo');
    const demo = await loadCheckpoint(checkpoint);
    const base = { ...demo, config: { ...demo.config, training: {} } };
    const data = `images:${folder()}/lying`;
    const options = { checkpoint, data, levels: [], out: '', seed: 0, engine };
    expect(await stepOf(options, base, await openDataset(data), true)).to.deep.equal({ batch: 4, size: [64, 64] });
    expect(await stepOf(options, demo, await openDataset(data), true)).to.deep.equal({ batch: 4, size: [64, 64] });
  });
});
