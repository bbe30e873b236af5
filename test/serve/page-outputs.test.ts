import { expect } from 'chai';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startEngine } from '../../src/engine/start.js';
import type { FoundBox } from '../../src/serve/answer.js';
import type { ImportOnnxOptions } from '../../src/models/onnx/index.js';
import { detectorFile, featuresFile, foregroundFile } from '../models/onnx/support/heads.js';
import { colorsOf, levelIs, pageSuite, type OpenPage } from './support/browser.js';
import { importAdapted, LEVEL } from './support/imported.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const KINDS: Record<string, { file: string; options: Partial<ImportOnnxOptions> }> = {
  foreground: { file: foregroundFile(), options: { task: 'foreground' } },
  boxes: { file: detectorFile(), options: { head: 'yolov8', fit: 'letterbox', classes: ['cat', 'dog'] } },
  features: { file: featuresFile(), options: { task: 'features' } },
};

describe('serve: the page at / for networks out of ONNX files', () => {
  const suite = pageSuite();
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-page-'));
    await startEngine({ engine: 'cpu' });
    for (const [name, { file, options }] of Object.entries(KINDS))
      await importAdapted(file, join(folder, name), options);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const open = async (name: string): Promise<OpenPage & { url: string }> => {
    const checkpoint = join(folder, name);
    const { url } = await suite.serve({ checkpoint, adaptors: join(checkpoint, 'adaptors') });
    return { ...(await suite.open({}, url)), url };
  };
  const hidden = async (page: Page, ...ids: string[]): Promise<void> => {
    for (const id of ids) expect(await page.locator(`#${id}`).isVisible(), id).to.equal(false);
  };

  it('shows probabilities of foreground as a heat map, by which both are compared', async () => {
    const { page, complaints } = await open('foreground');
    const clean = await levelIs(page, 'clean');
    expect([clean.original, clean.adapted]).to.deep.equal([100, 100]);
    const bright = await colorsOf(page, 'reference');
    expect(bright).to.have.length.above(20);
    expect(await colorsOf(page, 'original')).to.have.members(bright);
    await page.locator('#quality').fill('3');
    const shown = await levelIs(page, `${LEVEL} (detected, read jpeg=3)`);
    expect(shown.adapted).to.be.below(100);
    expect(await page.locator('#adapted-note').textContent()).to.match(/^mean difference 0\.\d{3}$/);
    await page.locator('#differences').check();
    expect(await colorsOf(page, 'adapted')).to.include('e6005a');
    await hidden(page, 'output', 'legend', 'original-classes', 'original-numbers');
    expect(complaints).to.deep.equal([]);
  });

  it('draws the boxes that the server answers, and counts those that the clean answer has as well', async () => {
    const { page, complaints, url } = await open('boxes');
    const clean = await levelIs(page, 'clean');
    expect([clean.original, clean.adapted]).to.deep.equal([100, 100]);
    const sample = await (await fetch(`${url}/samples/0.png`)).arrayBuffer();
    const answer = await fetch(`${url}/v1/predict?level=clean`, { method: 'POST', body: sample });
    const { boxes } = (await answer.json()) as { boxes: FoundBox[] };
    expect(boxes).to.have.length.above(1);
    expect(await page.locator('#original-note').textContent()).to.equal(`${boxes.length} of ${boxes.length} boxes`);
    const label = (await page.locator('#original').getAttribute('aria-label'))!;
    expect(label).to.equal(`Boxes of the original network, ${boxes.length} of ${boxes.length} boxes`);
    expect(await colorsOf(page, 'original')).to.not.have.members(await colorsOf(page, 'sent'));
    await page.locator('#quality').fill('3');
    const shown = await levelIs(page, `${LEVEL} (detected, read jpeg=3)`);
    expect(shown.adapted).to.be.within(0, 100);
    await hidden(page, 'opacity', 'output', 'legend', 'original-numbers');
    expect(complaints).to.deep.equal([]);
  });

  it('shows a heat map of an output that has places, and the largest numbers of another', async () => {
    const { page, complaints, url } = await open('features');
    const clean = await levelIs(page, 'clean');
    expect([clean.original, clean.adapted]).to.deep.equal([100, 100]);
    expect(await page.locator('#output option').allTextContents()).to.deep.equal(['answer', 'g']);
    const mean = await colorsOf(page, 'reference');
    expect(mean).to.have.length.above(20);
    await page.locator('#channels').selectOption('largest');
    expect(await colorsOf(page, 'reference')).to.not.have.members(mean);
    await hidden(page, 'original-numbers', 'differences');

    await page.locator('#output').selectOption('g');
    await page.locator('#reference-numbers li').first().waitFor();
    await hidden(page, 'original', 'reference');
    const listed = await page.locator('#original-numbers li > :nth-child(2)').allTextContents();
    const sample = await (await fetch(`${url}/samples/0.png`)).arrayBuffer();
    const answer = await fetch(`${url}/v1/predict?level=clean&outputs=g`, { method: 'POST', body: sample });
    const { outputs } = (await answer.json()) as { outputs: { g: { data: number[] } } };
    expect(listed).to.deep.equal(outputs.g.data.map((value) => value.toPrecision(4)));
    await page.locator('#quality').fill('3');
    const shown = await levelIs(page, `${LEVEL} (detected, read jpeg=3)`);
    expect(shown.adapted).to.be.below(shown.original);
    // The browser does not like how often this test reads the canvas.
    expect(complaints.filter((text) => !text.includes('willReadFrequently'))).to.deep.equal([]);
  });

  for (const name of Object.keys(KINDS))
    it(`axe finds nothing wrong with ${name}`, async () => {
      const { page } = await open(name);
      await levelIs(page, 'clean');
      await page.evaluate(await readFile(AXE, 'utf8'));
      const violations = await page.evaluate(async () => {
        const { axe } = window as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
        };
        return (await axe.run()).violations.map(({ id, nodes }) => [id, nodes[0]!.html]);
      });
      expect(violations).to.deep.equal([]);
    });
});
