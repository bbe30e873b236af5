import { expect } from 'chai';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { configPage } from '../../scripts/docs/config-page.js';
import { readExperiment } from '../../src/pipeline/experiment.js';
import { readKind } from '../../src/pipeline/kind.js';
import { readMemoryExperiment } from '../../src/pipeline/memory-experiment.js';
import { expectFailure } from '../support/failure.js';
import { readSource, ROOT } from '../support/sources.js';

const SMALLEST = { experiment: 'x', data: 'scenes:1', base: { checkpoint: 'base' }, levels: ['jpeg=5', 'jpeg=20'] };
const RATES = { candidates: [0.01, 0.001, 0.01], levels: ['jpeg=20'], train: '0:8', validate: '8:12' };

describe('pipeline: config', () => {
  let folder: string;
  let path: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'gearnn-config-'));
    path = join(folder, 'config.json');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const read = async (fields: object, environment: NodeJS.ProcessEnv = {}) => {
    await writeFile(path, JSON.stringify({ ...SMALLEST, ...fields }));
    return readExperiment(path, environment);
  };
  const refuse = (fields: object, ...texts: string[]) => expectFailure(read(fields), 'E_PIPELINE_CONFIG', ...texts);

  it('needs a name, data, a base and levels; everything else has the paper’s defaults', async () => {
    const experiment = await read({});
    expect(experiment).to.deep.include({
      budget: '0.2%',
      granularity: 'tensor',
      train: { split: 'train', start: 0, end: undefined },
      validate: { split: 'val', start: 0, end: undefined },
      precision: { train: 'fp32', evaluate: 'fp32' },
      rates: undefined,
    });
    expect(experiment.finetune).to.deep.include({ epochs: 4, learningRate: { full: 0.001, adaptor: 0.005 } });
  });

  it('compares original, adaptor and switching unless it says; an entry is a name, or an object with options', async () => {
    const plain = (name: string) => ({ name, kind: name, options: {} });
    expect((await read({})).methods).to.deep.equal(['original', 'adaptor', 'switching'].map(plain));
    const methods = ['bn', { method: 'adaptor', name: 'adaptor-1%', budget: '1%' }];
    expect((await read({ methods })).methods).to.deep.equal([
      plain('bn'),
      { name: 'adaptor-1%', kind: 'adaptor', options: { budget: '1%' } },
    ]);
  });

  it('relative paths start from the folder of the file', async () => {
    const experiment = await read({ data: 'list:images', base: { checkpoint: '../base' } });
    expect(experiment.data).to.equal(`list:${join(folder, 'images')}`);
    expect(experiment.base.checkpoint).to.equal(resolve(folder, '../base'));
  });

  it('environment variables are put in; a relative path in one starts from the working directory', async () => {
    expect((await read({ data: 'camvid:${CAMVID}' }, { CAMVID: '/data/camvid' })).data).to.equal('camvid:/data/camvid');
    expect((await read({ data: 'camvid:${CAMVID}/x' }, { CAMVID: 'here' })).data).to.equal(
      `camvid:${resolve('here/x')}`,
    );
    expect((await read({ data: 'list:${A}/${B}${A}' }, { A: '/a', B: 'b' })).variables).to.deep.equal(['A', 'B']);
    expect((await read({ data: 'list:a-${KIND}' }, { KIND: 'b' })).data).to.equal(`list:${join(folder, 'a-b')}`);
  });

  it('a variable that is not set is an error that says how to set it', () =>
    refuse({ data: 'camvid:${CAMVID}' }, `${path}: data`, 'variable CAMVID', 'CAMVID=... gearnn run'));

  describe('is refused with the path of what is wrong where', () => {
    it('a field has another type', () =>
      refuse({ finetune: { learningRate: { full: 'fast' } } }, `${path}: finetune.learningRate.full`));
    it('a field is unknown', () => refuse({ finetune: { epoch: 4 } }, `${path}: finetune`, 'epoch'));
    it('there is neither checkpoint nor train, or both', async () => {
      await refuse({ base: {} }, `${path}: base`, 'either `checkpoint` or `train`');
      await refuse({ base: { checkpoint: 'a', train: { model: 'drn-d-22' } } }, `${path}: base`);
    });
    it('a level comes twice, whatever its writing', () =>
      refuse({ levels: ['brightness=2', 'brightness=2.0'] }, `${path}: levels`, 'brightness=2 twice'));
    it('clean is listed as a level', () => refuse({ levels: ['clean'] }, `${path}: levels`, 'clean'));
    it('rates are tried at a level that is none of the experiment', () =>
      refuse({ rates: { ...RATES, levels: ['jpeg=6'] } }, `${path}: rates.levels`, '"jpeg=6"'));
    it('trials are measured on what they were trained on', () =>
      refuse({ rates: { ...RATES, validate: '7:12' } }, `${path}: rates.validate`, '7:12 beside 0:8'));
    it('parts are of another split than the samples that they are positions among', async () => {
      await refuse(
        { rates: { ...RATES, validate: 'val[9:12]' } },
        `${path}: rates.validate`,
        'train[0:50]',
        '"val[9:12]"',
      );
      await refuse({ frequency: { samples: 'train[0:3]' } }, `${path}: frequency.samples`, 'val[0:50]');
      expect((await read({ rates: { ...RATES, validate: 'train[9:12]' } })).rates!.validate.start).to.equal(9);
    });
    it('a budget is none, in the experiment or a method', async () => {
      for (const budget of ['0.2', '0.2 %x', '150%', 'much', ''])
        await refuse({ budget }, `${path}: budget`, 'a number of parameters, or a percentage up to 100%');
      await refuse({ methods: [{ method: 'lora', budget: '150%' }] }, `${path}: methods[0].budget`, 'percentage');
      expect((await read({ budget: '31814' })).budget).to.equal('31814');
    });
    it('a method is unknown', () =>
      refuse(
        { methods: ['original', 'magic'] },
        `${path}: methods[1]`,
        'expected one of original, adaptor, switching',
      ));
    it('a method has no such option, or another type of it', async () => {
      await refuse({ methods: [{ method: 'adaptor', alpha: 1 }] }, `${path}: methods[0]`, 'alpha');
      await refuse({ methods: ['adaptor', { method: 'greedy', budget: 3 }] }, `${path}: methods[1].budget`);
      await refuse({ methods: [{ method: 'adaptor', budget: 'much' }] }, `${path}: methods[0].budget`, 'percentage');
    });
    it('two methods share a name, or one has that of another method', async () => {
      await refuse(
        { methods: ['adaptor', { method: 'adaptor', budget: '1%' }] },
        `${path}: methods[1].name`,
        '"adaptor"',
      );
      await refuse({ methods: [{ method: 'bn', name: 'original' }] }, `${path}: methods[0].name`, '"original"');
      await refuse({ methods: [{ method: 'bn', name: 'a b' }] }, `${path}: methods[0].name`, 'letters');
    });
    it('there is no method', () => refuse({ methods: [] }, `${path}: methods`));
    it('the file is missing or no JSON', async () => {
      await expectFailure(readExperiment(join(folder, 'none.json')), 'E_PIPELINE_CONFIG', 'none.json');
      await writeFile(path, '{');
      await expectFailure(readExperiment(path), 'E_PIPELINE_CONFIG', path, 'JSON');
    });
  });

  it('a level or a slice that cannot be read is an error of its own kind', async () => {
    await expectFailure(read({ levels: ['jpeg=0'] }), 'E_DISTORT_LEVEL', 'jpeg=1');
    await expectFailure(read({ train: 'train[5:2]' }), 'E_USAGE', `${path}: train`);
  });

  it('candidates are sorted, each once; epochs of trials are those of fine-tuning', async () => {
    const { rates } = await read({ finetune: { epochs: 7 }, rates: RATES });
    expect(rates).to.deep.include({ candidates: [0.001, 0.01], epochs: 7 });
  });

  it('docs/config.md is what `npm run docs` writes', () => {
    expect(readSource('docs/config.md')).to.equal(configPage());
  });

  // The others are of `gearnn adapt`, by scripts/experiments, and have a table and a report alone.
  const names = readdirSync(join(ROOT, 'experiments'));
  const configured = names.filter((name) => !existsSync(join(ROOT, 'experiments', name, 'adapt.json')));
  for (const name of configured) {
    it(`experiments/${name}/config.json can be read, and names no place of one machine`, async () => {
      const file = `experiments/${name}/config.json`;
      const path = join(ROOT, file);
      const memory = (await readKind(path)) === 'memory';
      const anyVariable = new Proxy<NodeJS.ProcessEnv>({}, { get: () => '/data' });
      const { experiment } = memory ? await readMemoryExperiment(path) : await readExperiment(path, anyVariable);
      expect(experiment).to.equal(name);
      expect(readSource(file)).not.to.match(/"(\w+:)?\//);
    });
  }
});
