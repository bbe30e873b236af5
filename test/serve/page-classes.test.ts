import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { adaptorsIn, LEVEL, NAMES, writeClassifier } from '../support/classifier.js';
import { levelIs, pageSuite } from './support/browser.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Name and share of each class in a list of the page. */
async function listOf(page: Page, id: string): Promise<{ name: string; share: number }[]> {
  const items = await page.locator(`#${id}-classes li`).all();
  return Promise.all(
    items.map(async (item) => {
      const [name, share] = await item.locator('> *').allTextContents();
      return { name: name!, share: Number.parseFloat(share!) };
    }),
  );
}

describe('serve: the page at / for a network that classifies', () => {
  const suite = pageSuite();
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-page-'));
    await tf.setBackend('cpu');
    await writeClassifier(folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('lists classes with probabilities, original against adapted, and shows nothing of masks', async () => {
    const { url } = await suite.serve({ checkpoint: folder, adaptors: adaptorsIn(folder) });
    const { page, complaints } = await suite.open({}, url);
    const clean = await levelIs(page, 'clean');
    const reference = await listOf(page, 'reference');
    expect(reference).to.have.length(5);
    expect(NAMES).to.include.members(reference.map(({ name }) => name));
    expect(reference.map(({ share }) => share)).to.deep.equal(
      reference.map(({ share }) => share).sort((a, b) => b - a),
    );
    expect(await listOf(page, 'original')).to.deep.equal(reference);
    expect([clean.original, clean.adapted]).to.deep.equal([reference[0]!.share, reference[0]!.share]);
    for (const id of ['original', 'adapted', 'reference', 'opacity', 'legend']) {
      expect(await page.locator(`#${id}`).isVisible(), id).to.equal(false);
    }

    await page.locator('#quality').fill('3');
    const shown = await levelIs(page, `${LEVEL} (detected, read jpeg=3)`);
    expect(await listOf(page, 'reference')).to.deep.equal(reference);
    const [original, adapted] = [await listOf(page, 'original'), await listOf(page, 'adapted')];
    expect(adapted).to.not.deep.equal(original);
    const wanted = reference[0]!.name;
    expect(shown.original).to.equal(original.find(({ name }) => name === wanted)?.share ?? 0);
    expect(shown.adapted).to.equal(adapted.find(({ name }) => name === wanted)?.share ?? 0);
    expect(await page.locator('#adapted-note').textContent()).to.equal(
      adapted[0]!.name === wanted ? 'the same class' : `says ${adapted[0]!.name}`,
    );

    // The page's list is what the server answers to whoever asks it.
    const sample = await (await fetch(`${url}/samples/0.png`)).arrayBuffer();
    const sent = await (await fetch(`${url}/v1/distort?level=jpeg=3`, { method: 'POST', body: sample })).arrayBuffer();
    const answer = (await (await fetch(`${url}/v1/predict`, { method: 'POST', body: sent })).json()) as {
      top: { class: string; probability: number }[];
    };
    expect(adapted.map(({ name }) => name)).to.deep.equal(answer.top.map((one) => one.class));
    adapted.forEach(({ share }, i) => expect(share).to.be.closeTo(100 * answer.top[i]!.probability, 0.051));
    expect(complaints).to.deep.equal([]);
  });

  it('axe finds nothing wrong', async () => {
    const { url } = await suite.serve({ checkpoint: folder, adaptors: adaptorsIn(folder) });
    const { page } = await suite.open({}, url);
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

  it('changes with the network that is chosen', async () => {
    const models = join(folder, 'models');
    await writeClassifier(join(models, 'letters'));
    const { url } = await suite.serve({ models });
    const loaded = await fetch(`${url}/v2/repository/models/letters/load`, { method: 'POST' });
    expect(loaded.status, await loaded.text()).to.equal(200);
    const { page } = await suite.open({}, url);
    await levelIs(page, 'clean');
    const visible = (id: string): Promise<boolean> => page.locator(`#${id}`).isVisible();
    expect([await visible('original'), await visible('original-classes')]).to.deep.equal([true, false]);
    await page.locator('#networks').selectOption('letters');
    await page.locator('#original-classes li').first().waitFor();
    expect([await visible('original'), await visible('opacity')]).to.deep.equal([false, false]);
    await page.locator('#networks').selectOption('demo');
    await page.locator('#original').waitFor();
    expect([await visible('original-classes'), await visible('opacity')]).to.deep.equal([false, true]);
  });
});
