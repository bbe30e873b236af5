import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { benchFed, fedReport, type FedCell, type FedRow } from '../../bench/onnx/fed.js';
import { filesIn } from '../../bench/onnx/files.js';
import { onTensorflow } from '../support/engines.js';
import { ROOT } from '../support/sources.js';

describe('bench onnx: which files', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'gearnn-bench-'));
    for (const name of ['unet.torchscript.onnx', 'unet.dynamo.failed', 'unet-b.package.onnx', 'unet.torchscript.safetensors'])
      writeFileSync(join(folder, name), ''); // prettier-ignore
  });
  after(() => rmSync(folder, { recursive: true }));
  const named = (chosen: object): string[] => filesIn({ folder, ...chosen }).map(({ path }) => basename(path));

  it('all, by a part of the name, or networks by their whole names', () => {
    expect(named({})).to.deep.equal(['unet-b.package.onnx', 'unet.dynamo.failed', 'unet.torchscript.onnx']);
    expect(named({ only: 'package' })).to.deep.equal(['unet-b.package.onnx']);
    expect(named({ networks: ['unet'] })).to.deep.equal(['unet.dynamo.failed', 'unet.torchscript.onnx']);
    expect(named({ networks: ['unet'], only: 'torchscript' })).to.deep.equal(['unet.torchscript.onnx']);
    expect(filesIn({ folder, only: 'dynamo' })[0]).to.include({ network: 'unet', exporter: 'dynamo', unwritten: true });
  });

  it('a network without a file is named, with those that have one', () => {
    expect(() => named({ networks: ['unet', 'vgg'] })).to.throw(/expected files of vgg, got unet-b, unet$/);
  });
});

describe('bench onnx --fed', () => {
  it('reports milliseconds, what is fed, and how much longer a pass takes', () => {
    const cell = (seconds: number, values: number, ...[low, median, high]: [number, number, number]): FedCell => ({
      ...{ seconds, values, tensors: 2, ratio: { low, median, high } },
    });
    const fed = { nothing: cell(0.02, 0, 1, 1, 1), scales: cell(0.022, 90, 1.02, 1.1, 1.125), small: cell(0.019, 900, 0.9, 0.95, 1.3) }; // prettier-ignore
    const row: FedRow = { network: 'a', height: 3, width: 4, turns: 9, load: 1.2, fed };
    expect(fedReport([row]).split('\n')[2]).to.equal(
      '| a | 3x4 | 20.0 | 90 | 22.0 | +10% (+2% to +13%) | 900 | 19.0 | -5% (-10% to +30%) | 9 | 1 |',
    );
  });

  onTensorflow('times a network', () => {
    it('with nothing fed, its scales and shifts, and all that is small, whose answers are the same', async function () {
      this.timeout(240_000);
      const rows: FedRow[] = [];
      const folder = join(ROOT, 'test/fixtures/onnx');
      await benchFed({ folder, networks: ['unet'], steps: 1, least: 0, note: (row) => rows.push(row) });
      expect(rows).to.have.length(1);
      const [{ network, turns, fed }] = rows as [FedRow];
      expect({ network, turns, ratio: fed.nothing.ratio.median }).to.deep.equal({
        network: 'unet',
        turns: 1,
        ratio: 1,
      });
      expect(fed.nothing.values).to.equal(0);
      expect(fed.scales.values).to.be.above(10);
      expect(fed.small.values).to.be.above(fed.scales.values);
    });
  });
});
