import { expect } from 'chai';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions, Page, Route } from 'playwright-core';
import { ROOT } from '../support/sources.js';
import { dropFile, levelIs, messageIs, pageSuite, shownOn } from './support/browser.js';

const DEMO = join(ROOT, 'checkpoints/demo');
/** A name that Chromium finds at 127.0.0.1, and trusts as little as any other. */
const ELSEWHERE = 'gearnn.test';
/** What the page shows of the network `second`, once it has taken it up. */
const SECOND_SAMPLE = /samples\/0\.png\?model=second$/;

describe('serve: the page at / when something fails', () => {
  const suite = pageSuite(`--host-resolver-rules=MAP ${ELSEWHERE} 127.0.0.1`);
  const open = async (url?: string, options?: BrowserContextOptions): Promise<Page> =>
    (await suite.open(options, url)).page;
  const noted = (page: Page, part: string): Promise<void> =>
    page.locator('#camera-note', { hasText: part }).waitFor({ state: 'visible' });
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);

  /** Opens a page of a server that has the network `second` beside the demo's. */
  async function withTwoNetworks(use: (page: Page, url: string) => Promise<void>): Promise<void> {
    const models = await mkdtemp(join(tmpdir(), 'gearnn-page-'));
    try {
      await cp(DEMO, join(models, 'second'), { recursive: true });
      // Adaptors would not fit other classes.
      await rm(join(models, 'second/adaptors'), { recursive: true });
      const config = join(models, 'second/config.json');
      await writeFile(config, (await readFile(config, 'utf8')).replace('"road"', '"<b>road</b>"'));
      const { url } = await suite.serve({ models });
      expect((await fetch(`${url}/v2/repository/models/second/load`, { method: 'POST' })).status).to.equal(200);
      const page = await open(url);
      await levelIs(page, 'clean');
      await use(page, url);
    } finally {
      await rm(models, { recursive: true });
    }
  }

  it('a text file is named as no image, in plain text, and the next image clears that', async () => {
    const page = await open();
    await levelIs(page, 'clean');
    await dropFile(page, '<b>notes</b>.txt', 'text/plain', text('hello'));
    await messageIs(page, '<b>notes</b>.txt is no image that this browser can read');
    expect(await page.locator('#message b').count()).to.equal(0);
    await page.getByRole('button', { name: 'Drawn street 2' }).click();
    await messageIs(page, '');
  });

  it('a text file during a sweep ends the sweep, which goes on when asked again', async () => {
    const page = await open();
    const sweep = page.getByRole('button', { name: 'Sweep the quality' });
    await sweep.click();
    await levelIs(page, 'jpeg=90');
    await dropFile(page, 'notes.txt', 'text/plain', text('hello'));
    await messageIs(page, 'notes.txt is no image');
    expect(await sweep.getAttribute('aria-pressed')).to.equal('false');
    await sweep.click();
    await levelIs(page, 'jpeg=20');
    await messageIs(page, '');
  });

  it('an engine that ends: the page says so, and goes on by itself', async () => {
    const own = await suite.serve({});
    const page = await open(own.url);
    await levelIs(page, 'clean');
    process.kill(own.enginePid()!, 'SIGKILL');
    await page.locator('#quality').fill('4');
    await messageIs(page, 'Trying again in');
    const { message } = await levelIs(page, 'jpeg=5 (detected, read jpeg=4)');
    expect(message).to.equal('');
  });

  it('a server that is gone, and comes back: the page goes on by itself', async () => {
    const first = await suite.serve({});
    const page = await open(first.url);
    await levelIs(page, 'clean');
    await first.close();
    await page.locator('#quality').fill('4');
    await messageIs(page, 'The server cannot be reached. Trying again in');
    await suite.serve({ port: Number(new URL(first.url).port) });
    await levelIs(page, 'jpeg=5 (detected, read jpeg=4)');
    await messageIs(page, '');
  });

  it('an image larger than the server takes: the page says so, and the next one works', async () => {
    const own = await suite.serve({ limits: { pixels: 256 * 128 } });
    const page = await open(own.url);
    await levelIs(page, 'clean');
    const png = await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(300, 200);
      canvas.getContext('2d')!.fillRect(0, 0, 300, 200);
      return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
    });
    await dropFile(page, 'large.png', 'image/png', Uint8Array.from(png));
    await messageIs(page, 'larger than this server takes');
    await page.getByRole('button', { name: 'Drawn street 2' }).click();
    await messageIs(page, '');
  });

  it('a server with a token: the page asks for it, refuses a wrong one and goes on with the right one', async () => {
    const own = await suite.serve({ token: 's3cret' });
    const page = await open(own.url);
    await messageIs(page, 'asks for a token');
    await page.locator('#token').fill('wrong');
    await page.keyboard.press('Enter');
    await messageIs(page, 'does not take this token');
    await page.locator('#token').fill('s3cret');
    await page.keyboard.press('Enter');
    await levelIs(page, 'clean');
    await messageIs(page, '');
    expect(await page.locator('#token-form').isVisible()).to.equal(false);
    expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).to.equal(0);
  });

  it('two networks: one is chosen from a list; one that is unloaded meanwhile gives way to the other', () =>
    withTwoNetworks(async (page, url) => {
      const asked = page.waitForRequest((request) => request.url().includes('segment?model=second'));
      await page.locator('#networks').selectOption('second');
      await asked;
      await page.waitForFunction(() => document.querySelector('#network')!.textContent!.includes('second'));
      expect(await page.locator('#legend li').first().textContent()).to.equal('<b>road</b>');
      expect(await page.locator('#presets button').allTextContents()).to.deep.equal(['clean']);
      await fetch(`${url}/v2/repository/models/second/unload`, { method: 'POST' });
      await page.locator('#quality').fill('4');
      await page.waitForFunction(() => document.querySelector('#network')!.textContent!.includes('demo'));
      await levelIs(page, 'jpeg=5');
    }));

  for (const { what, address, drawn } of [
    { what: 'description is', address: /models\/second$/, drawn: 0 },
    { what: 'samples are', address: SECOND_SAMPLE, drawn: 1 },
  ]) {
    it(`two networks: the other one, chosen while a network's ${what} still to come, is the one that answers`, () =>
      withTwoNetworks(async (page) => {
        const requests: string[] = [];
        page.on('request', (request) => requests.push(request.url()));
        const held = new Promise<Route>((resolve) => void page.route(address, resolve, { times: 1 }));
        await page.locator('#networks').selectOption('second');
        const route = await held;
        await page.locator('#networks').selectOption('demo');
        const asked = page.waitForRequest((request) => request.url().includes('segment?model='));
        await route.continue();
        expect((await asked).url()).to.contain('model=demo');
        expect(await page.locator('#networks').inputValue()).to.equal('demo');
        expect(await page.locator('#network').textContent()).to.contain('demo');
        expect(await page.locator('#presets button').allTextContents()).to.include('jpeg=5');
        expect(requests.filter((url) => SECOND_SAMPLE.test(url))).to.have.length(drawn);
      }));
  }

  it('a camera that is not allowed: the page says what to do, and the samples go on', async () => {
    const page = await open();
    await levelIs(page, 'clean');
    await page.getByRole('button', { name: 'Webcam' }).click();
    await noted(page, 'may not use the camera');
    await page.locator('#quality').fill('4');
    expect((await levelIs(page, 'jpeg=5')).message).to.equal('');
    await noted(page, 'may not use the camera');
  });

  it('a camera that is unplugged ends the stream', async () => {
    const page = await open(suite.server.url, { permissions: ['camera'] });
    await page.evaluate(() => {
      const devices = navigator.mediaDevices;
      const ask = devices.getUserMedia.bind(devices);
      devices.getUserMedia = async (constraints) => {
        const stream = await ask(constraints);
        // What the browser does when the device goes.
        addEventListener('unplug', () =>
          stream.getTracks().forEach((track) => track.dispatchEvent(new Event('ended'))),
        );
        return stream;
      };
    });
    await page.getByRole('button', { name: 'Webcam' }).click();
    await page.waitForFunction(() => document.querySelector('#source-note')!.textContent!.startsWith('Webcam'));
    await page.evaluate(() => dispatchEvent(new Event('unplug')));
    await noted(page, 'unplugged');
    expect(await page.locator('#camera').getAttribute('aria-pressed')).to.equal('false');
  });

  it('over plain HTTP from another machine there is no camera, and the page says why', async () => {
    const page = await open(suite.server.url.replace('127.0.0.1', ELSEWHERE));
    await levelIs(page, 'clean');
    expect(await page.locator('#camera').isDisabled()).to.equal(true);
    expect(await page.locator('#camera-note').textContent()).to.contain('localhost or over HTTPS');
    expect((await shownOn(page)).message).to.equal('');
  });
});
