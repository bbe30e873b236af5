import { expect } from 'chai';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { encodePng } from '../../src/image/encode.js';
import { decodeImage } from '../../src/image/decode.js';
import { useEngine } from '../support/engines.js';
import { OBJECTS } from '../support/detector.js';
import { gearnn } from './support/gearnn.js';

const MODEL = ['--model', 'maskrcnn-efficientnet-lite0-fpn', '--width', '0.25'];
const TRAINING = ['--data', OBJECTS, '--samples', '0:4', '--batch', '2', '--optimizer', 'adam', '--learning-rate', '0.0002', '--seed', '1', '--json']; // prettier-ignore
const APS = ['AP', 'AP50', 'AP75'];

describe('gearnn with a network that finds things', function () {
  this.timeout(600_000);
  let root: string;
  const at = (...names: string[]): string => join(root, ...names);
  const json = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;
  /** What a command prints as JSON. */
  const run = async <T>(...parameters: string[]): Promise<T> => {
    const { code, out, err } = await gearnn(...parameters);
    expect(code, err).to.equal(0);
    return JSON.parse(out) as T;
  };
  before(async function () {
    await useEngine(this, 'tensorflow');
    root = mkdtempSync(join(tmpdir(), 'gearnn-detector-'));
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  it('train writes a base that has seen whole pictures at its sides, and finetune follows it', async () => {
    const base = ['train', ...MODEL, ...TRAINING, '--sides', '96:160', '--steps', '2', '--out', at('base')];
    await run(...base);
    type Config = {
      task: string;
      preprocessing: { sides: object };
      training: { settings: { size: string }; steps: number };
    };
    const { task, preprocessing, training } = json<Config>(at('base', 'config.json'));
    expect([task, training.settings.size, training.steps]).to.deep.equal(['instances', 'whole 96:160', 2]);
    expect(preprocessing.sides).to.deep.equal({ shortest: 96, longest: 160 });

    const tuned = ['finetune', '--checkpoint', at('base'), '--level', 'jpeg=10', ...TRAINING, '--steps', '2'];
    await run(...tuned, '--out', at('full'));
    expect(json<Config>(at('full', 'config.json')).training.settings.size).to.equal('whole 96:160');
    await run(...tuned, '--size', '96x128', '--out', at('cropped'));
    expect(json<Config>(at('cropped', 'config.json')).training.settings.size).to.equal('96x128');
  });

  it('split chooses what an adaptor is made of, and finetune --split trains it', async () => {
    const { items } = await run<{ items: unknown[] }>('split', '--base', at('base'), '--tuned', at('full'), '--budget', '2%', '--out', at('split.json'), '--json'); // prettier-ignore
    expect(items.length).to.be.above(3);
    const adaptor = ['finetune', '--checkpoint', at('base'), '--level', 'jpeg=10', '--split', at('split.json')];
    const out = at('base', 'adaptors', 'jpeg=10');
    const { parameters } = await run<{ parameters: number }>(...adaptor, ...TRAINING, '--steps', '2', '--out', out);
    expect(parameters).to.be.above(100);
    expect(existsSync(join(out, 'adaptor.safetensors'))).to.equal(true);
  });

  it('eval prints rows with nested scores of boxes and masks', async () => {
    const wanted = ['eval', '--checkpoint', at('base'), '--adaptors', at('base', 'adaptors'), '--data', OBJECTS];
    type Row = { method: string; level: string; scores: Record<'bbox' | 'segm', Record<string, number>> };
    const { rows } = await run<{ rows: Row[] }>(
      ...[...wanted, '--split', 'val[0:3]', '--level', 'jpeg=10', '--uncalibrated', '--json'],
    );
    expect(rows.map(({ method, level }) => `${method} ${level}`)).to.deep.equal([
      'original jpeg=10',
      'adaptor jpeg=10',
    ]);
    for (const { scores } of rows) {
      expect(Object.keys(scores)).to.have.members(['bbox', 'segm']);
      for (const kind of ['bbox', 'segm'] as const) {
        expect(scores[kind]).to.include.keys(...APS, 'AR100');
        expect(scores[kind]['AP']).to.be.within(0, 1);
      }
    }
  });

  it('infer writes NAME.json as COCO has results, and a picture with what was found', async () => {
    const dataset = await openDataset(OBJECTS);
    const picture = await dataset.readImage(dataset.samples('val')[0]!);
    writeFileSync(at('street.png'), await encodePng(picture));
    const wanted = ['infer', at('street.png'), '--checkpoint', at('base'), '--level', 'clean', '--out', at('answers')];
    const { code, err } = await gearnn(...wanted);
    expect(code, err).to.equal(0);
    expect(readdirSync(at('answers')).sort()).to.deep.equal(['street.json', 'street.png']);
    type Found = {
      image_id: string;
      category_id: number;
      bbox: number[];
      score: number;
      segmentation: { size: number[]; counts: string };
    };
    const found = json<Found[]>(at('answers', 'street.json'));
    expect(found.length).to.be.above(0);
    for (const { image_id, category_id, bbox, score, segmentation } of found) {
      expect(image_id).to.equal('street');
      expect(category_id).to.be.within(1, dataset.classes.length - 1);
      expect(bbox).to.have.length(4);
      expect(score).to.be.within(0.05, 1);
      expect(segmentation.size).to.deep.equal([picture.height, picture.width]);
    }
    expect(found.map(({ score }) => score)).to.deep.equal(found.map(({ score }) => score).sort((a, b) => b - a));
    const drawn = await decodeImage(readFileSync(at('answers', 'street.png')), 'street.png');
    expect([drawn.height, drawn.width]).to.deep.equal([picture.height, picture.width]);
    expect(Buffer.compare(Buffer.from(drawn.data), Buffer.from(picture.data))).not.to.equal(0);
  });

  it("export makes a SavedModel with torchvision's outputs", async () => {
    const wanted = ['export', '--checkpoint', at('base'), '--size', '96x160', '--uncalibrated'];
    await run(...wanted, '--saved-model', at('model'), '--json');
    expect(existsSync(at('model', 'saved_model.pb'))).to.equal(true);
    const graph = readFileSync(at('model', 'saved_model.pb')).toString('latin1');
    for (const name of ['boxes', 'labels', 'scores', 'masks']) expect(graph, name).to.include(name);
  });

  it('import takes the weights back, to the bit', async () => {
    const { classes } = await openDataset(OBJECTS);
    const wanted = ['import', at('base', 'model.safetensors'), ...MODEL, '--classes', String(classes.length)];
    await run(...wanted, '--classes-from', OBJECTS, '--sides', '96:160', '--out', at('imported'), '--json');
    const bytes = (name: string) => readFileSync(at(name, 'model.safetensors'));
    expect(Buffer.compare(bytes('imported'), bytes('base'))).to.equal(0);
    const { task, preprocessing } = json<{ task: string; preprocessing: object }>(at('imported', 'config.json'));
    expect(task).to.equal('instances');
    expect(preprocessing).to.deep.equal(json<{ preprocessing: object }>(at('base', 'config.json')).preprocessing);
  });
});
