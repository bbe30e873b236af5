import { expect } from 'chai';
import { rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { makeList, temporaryFolder } from '../data/support/folders.js';
import { gearnn } from './support/gearnn.js';

describe('gearnn data', () => {
  const folder = temporaryFolder();

  it('render writes a list: dataset, which info describes', async () => {
    const out = join(folder(), 'rendered');
    const render = await gearnn('data', 'render', 'scenes:3@24x32', '--out', out, '--subset', 'val', '--count', '2');
    expect([render.code, render.out]).to.deep.equal([0, `list:${out}: 2 val.\n`]);
    const info = JSON.parse((await gearnn('data', 'info', `list:${out}`, '--json')).out) as Record<string, unknown>;
    expect(info['splits']).to.deep.equal([{ split: 'val', samples: 2, height: 24, width: 32 }]);
    expect((info['classes'] as unknown[]).length).to.equal(11);
    expect(info['ignore']).to.equal(255);
  });

  it('info prints splits and classes as tables', async () => {
    const { code, out } = await gearnn('data', 'info', 'scenes:3@24x32');
    expect(code).to.equal(0);
    expect(out)
      .to.match(/^train\s+200\s+24x32$/m)
      .and.to.match(/^10\s+pole\s+153 153 153$/m);
  });

  it('check ends with 0 and one line where all is well', async () => {
    const spec = await makeList(join(folder(), 'good'));
    const { code, out } = await gearnn('data', 'check', spec);
    expect([code, out]).to.deep.equal([0, 'No problems: 3 train, 3 val.\n']);
  });

  it('check lists every problem with its code and ends with 1', async () => {
    const root = join(folder(), 'bad');
    const spec = await makeList(root);
    await rm(join(root, 'train/0001.png'));
    await truncate(join(root, 'val-labels/0002.png'), 60);
    const { code, out, err } = await gearnn('data', 'check', spec);
    expect(code).to.equal(1);
    const lines = out.trim().split('\n');
    expect(lines.length).to.equal(2);
    expect(lines[0]).to.contain('train/0001.png').and.to.contain('(E_DATA_MISSING)');
    expect(lines[1]).to.contain('val-labels/0002.png').and.to.contain('(E_IMAGE_DECODE)');
    expect(err).to.contain('2 problems').and.to.contain('E_DATA_PROBLEMS');

    const json = await gearnn('data', 'check', spec, '--subset', 'val', '--json');
    expect(json.code).to.equal(1);
    const { problems, samples } = JSON.parse(json.out) as { problems: Record<string, string>[]; samples: unknown };
    expect(problems.map(({ code, split, id }) => [code, split, id])).to.deep.equal([
      ['E_IMAGE_DECODE', 'val', 'val/0002'],
    ]);
    expect(samples).to.deep.equal({ val: 3 });
  });

  it('a dataset of no kind is a wrong call that names the kinds', async () => {
    const { code, err } = await gearnn('data', 'check', 'voc:x');
    expect(code).to.equal(2);
    expect(err)
      .to.contain('"voc:x"')
      .and.to.contain('cityscapes:DIR, camvid:DIR, coco:DIR, imagefolder:DIR, images:DIR, list:DIR, pennfudan:DIR');
  });
});
