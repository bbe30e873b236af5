import { expect } from 'chai';
import { join } from 'node:path';
import { stepOf } from '../../src/adapt/adapt.js';
import type { AdaptOptions } from '../../src/adapt/options.js';
import { openDataset } from '../../src/data/registry.js';
import { loadCheckpoint } from '../../src/models/checkpoint.js';
import { onTensorflow } from '../support/engines.js';
import { ROOT } from '../support/sources.js';

onTensorflow('what a step of adapt looks at, by its network', () => {
  /** @param size what the checkpoint says that its network was trained on */
  async function step(checkpoint: string, size: string, options: Partial<AdaptOptions> = {}): Promise<object> {
    const base = await loadCheckpoint(join(ROOT, 'checkpoints', checkpoint));
    const settings = { ...(base.config.training['settings'] as object), size, batch: 2 };
    const config = { ...base.config, training: { ...base.config.training, settings } };
    return stepOf(options as AdaptOptions, { ...base, config }, await openDataset('scenes:7@96x128'), true);
  }

  it('whole pictures, of which each may be as large as it is, where it finds objects and was trained on such', async () => {
    expect(await step('pennfudan-maskrcnn-lite0', 'whole 320:512')).to.deep.equal({ batch: 2 });
  });

  it('what it was trained on, or what the caller says', async () => {
    expect(await step('pennfudan-maskrcnn-lite0', '320x448')).to.deep.equal({ batch: 2, size: [320, 448] });
    const said = await step('pennfudan-maskrcnn-lite0', 'whole 320:512', { size: [64, 96], batch: 1 });
    expect(said).to.deep.equal({ batch: 1, size: [64, 96] });
  });

  it('whole pictures of any other network, whatever the crops were that it was trained on', async () => {
    expect(await step('demo', '64x128')).to.deep.equal({ batch: 4, size: [96, 128] });
    expect(await step('demo', '64x128', { size: [64, 96] })).to.deep.equal({ batch: 4, size: [64, 96] });
  });
});
