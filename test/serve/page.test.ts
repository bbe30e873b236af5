import { expect } from 'chai';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resizeLabels } from '../../src/image/resize.js';
import { ROOT } from '../support/sources.js';
import { colorsOf, levelIs, pageSuite, shownOn } from './support/browser.js';

const DEMO = join(ROOT, 'checkpoints/demo');
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

describe('serve: the page at / in Chromium', () => {
  const suite = pageSuite();

  it('opens on a sample, with no complaint of the browser and no request to anywhere else', async () => {
    const { page, complaints, requests } = await suite.open();
    expect(await shownOn(page)).to.include({ original: 100, adapted: 100, message: '' });
    expect(await page.locator('#samples button').count()).to.equal(4);
    expect(complaints).to.deep.equal([]);
    expect(requests.length).to.be.above(10);
    expect(requests.filter((url) => !url.startsWith(`${suite.server.url}/`))).to.deep.equal([]);
  });

  it('may load and run nothing but its own files', async () => {
    const response = await fetch(suite.server.url);
    const policy = response.headers.get('content-security-policy');
    expect(policy).to.contain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).to.not.contain('unsafe');
    const etag = response.headers.get('etag')!;
    expect((await fetch(suite.server.url, { headers: { 'if-none-match': etag } })).status).to.equal(304);
  });

  it('shows both masks of a sample in the colours of the legend', async () => {
    const { page } = await suite.open();
    await page.getByRole('button', { name: 'Drawn street 3' }).click();
    await page.waitForFunction(() => document.querySelector('#source-note')!.textContent!.includes('street 3'));
    const { classes } = JSON.parse(await readFile(join(DEMO, 'config.json'), 'utf8')) as {
      classes: { name: string; color: number[] }[];
    };
    const allowed = classes.map(({ color }) => Buffer.from(color).toString('hex'));
    for (const id of ['original', 'adapted', 'reference']) {
      const colors = await colorsOf(page, id);
      expect(allowed, id).to.include.members(colors);
      expect(colors.length, id).to.be.above(4);
    }
    expect(await page.locator('#legend li').allTextContents()).to.deep.equal(classes.map(({ name }) => name));
  });

  it('a low quality gets its adaptor, which agrees with the clean mask where the original fails', async () => {
    const { page } = await suite.open();
    await page.getByRole('button', { name: 'Drawn street 2' }).click();
    await page.locator('#quality').fill('3');
    const shown = await levelIs(page, 'jpeg=5 (detected, read jpeg=3)');
    expect(shown.adapted).to.be.above(shown.original + 5);
    expect(shown.sent).to.contain('JPEG');
    await page.locator('#quality').fill('12');
    await levelIs(page, 'jpeg=10 (detected, read jpeg=12)');
  });

  it('brightness is stated, alone and with compression, and the original fails at it', async () => {
    const { page } = await suite.open();
    await page.getByRole('button', { name: 'brightness=0.3' }).click();
    const shown = await levelIs(page, 'brightness=0.3 (stated as brightness=0.3)');
    expect(shown.original).to.be.below(50);
    expect(shown.adapted).to.be.above(90);
    await page.locator('#quality').fill('40');
    await levelIs(page, 'brightness=0.3 (stated as brightness=0.3+jpeg=40)');
  });

  it('a resolution is a preset: the smaller picture is sent, and its masks count over all pixels of the image', async () => {
    const level = 'resolution=128x64';
    const adaptors = await mkdtemp(join(tmpdir(), 'gearnn-page-'));
    try {
      // What an adaptor is for is what its config says.
      await cp(join(DEMO, 'adaptors/jpeg=5'), join(adaptors, level), { recursive: true });
      const config = join(adaptors, level, 'adaptor_config.json');
      await writeFile(config, (await readFile(config, 'utf8')).replaceAll('jpeg=5', level));
      const { url } = await suite.serve({ adaptors });
      const { page } = await suite.open({}, url);
      await levelIs(page, 'clean');
      const preset = page.getByRole('button', { name: level });
      await preset.click();
      const shown = await levelIs(page, `${level} (stated as ${level})`);
      expect(shown.sent).to.contain('128 × 64');
      expect(await preset.getAttribute('aria-pressed')).to.equal('true');
      for (const id of ['sent', 'original', 'adapted', 'reference']) {
        const size = await page.locator(`#${id}`).evaluate(({ width, height }: HTMLCanvasElement) => [width, height]);
        expect(size, id).to.deep.equal([256, 128]);
      }

      const post = (path: string, body: ArrayBuffer): Promise<Response> =>
        fetch(url + path, { method: 'POST', body, headers: { accept: 'application/json' } });
      const maskOf = async (image: ArrayBuffer, stated: string) => {
        const answer = (await (await post(`/v1/segment?level=${stated}`, image)).json()) as {
          mask: string;
          width: number;
          height: number;
        };
        return { ...answer, data: new Uint8Array(Buffer.from(answer.mask, 'base64')) };
      };
      const sample = await (await fetch(`${url}/samples/0.png?model=demo`)).arrayBuffer();
      const clean = await maskOf(sample, 'clean');
      const sent = await (await post(`/v1/distort?level=${level}`, sample)).arrayBuffer();
      for (const [name, stated] of [
        ['original', 'clean'],
        ['adapted', level],
      ] as const) {
        const { data } = resizeLabels(await maskOf(sent, stated), clean);
        const equal = data.filter((id, i) => id === clean.data[i]).length;
        expect(shown[name], name).to.be.closeTo((100 * equal) / data.length, 0.051);
      }

      await page.locator('#quality').fill('12');
      const slid = await levelIs(page, 'clean (');
      expect(slid.sent).to.contain('JPEG');
      expect(await preset.getAttribute('aria-pressed')).to.equal('false');
    } finally {
      await rm(adaptors, { recursive: true });
    }
  });

  it('asks for one image at a time while a slider is dragged, and ends at its last position', async () => {
    const { page } = await suite.open();
    let [running, most, asked] = [0, 0, 0];
    const isAdapted = (url: string): boolean => url.includes('/v1/segment') && !url.includes('level=clean');
    page.on('request', (request) => {
      if (!isAdapted(request.url())) return;
      asked += 1;
      most = Math.max(most, ++running);
    });
    page.on('requestfinished', (request) => void (isAdapted(request.url()) && running--));
    for (let quality = 90; quality >= 31; quality--) await page.locator('#quality').fill(String(quality));
    await levelIs(page, 'jpeg=50 (detected, read jpeg=31)');
    expect(most).to.equal(1);
    expect(asked).to.be.within(1, 59);
  });

  it('shows the image under the masks, or only where they differ from the clean mask', async () => {
    const { page } = await suite.open();
    const masks = await colorsOf(page, 'adapted');
    await page.locator('#opacity').fill('50');
    expect((await colorsOf(page, 'adapted')).length).to.be.above(10 * masks.length);
    await page.locator('#differences').check();
    expect(await colorsOf(page, 'original')).to.have.members(await colorsOf(page, 'sent'));
    await page.locator('#quality').fill('3');
    await levelIs(page, 'jpeg=5');
    expect(await colorsOf(page, 'original')).to.include('e6005a');
  });

  it('everything is reached and done by the keyboard', async () => {
    const { page } = await suite.open();
    const reached: string[] = [];
    const focused = (): Promise<string> =>
      page.evaluate(() => {
        const { id, textContent, ariaLabel } = document.activeElement as HTMLElement;
        return id || ariaLabel || textContent!;
      });
    for (let i = 0; i < 24; i++) {
      await page.keyboard.press('Tab');
      const name = await focused();
      reached.push(name);
      if (name === 'Drawn street 2') await page.keyboard.press('Enter');
      if (name === 'quality') await page.keyboard.press('Home');
      if (name === 'quality') await levelIs(page, 'jpeg=5');
      if (name === 'brightness=2') await page.keyboard.press('Space');
    }
    expect(reached).to.include.members([
      'Drawn street 1',
      'Drawn street 2',
      'file',
      'camera',
      'sweep',
      'quality',
      'brightness',
      'jpeg=10',
      'opacity',
      'differences',
    ]);
    await levelIs(page, 'brightness=2');
    expect(await page.locator('#source-note').textContent()).to.contain('Drawn street 2');
  });

  it('fits a phone: nothing to scroll sideways, both masks at one scale, a touch moves a slider', async () => {
    const { page } = await suite.open({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).to.be.at.most(360);
    const [original, adapted] = [
      (await page.locator('#original').boundingBox())!,
      (await page.locator('#adapted').boundingBox())!,
    ];
    expect([adapted.width, adapted.height]).to.deep.equal([original.width, original.height]);
    expect(original.width).to.be.above(300);
    await page.locator('#quality').tap({ position: { x: 4, y: 14 } });
    await levelIs(page, 'jpeg=5');
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`axe finds nothing wrong in ${colorScheme}`, async () => {
      const { page } = await suite.open({ colorScheme });
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(background).to.equal(colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(16, 20, 24)');
      await page.evaluate(await readFile(AXE, 'utf8'));
      const found = await page.evaluate(async () => {
        const { axe } = window as unknown as {
          axe: { run(): Promise<{ passes: object[]; violations: { id: string; nodes: { html: string }[] }[] }> };
        };
        const { passes, violations } = await axe.run();
        return { passes: passes.length, violations: violations.map(({ id, nodes }) => [id, nodes[0]!.html]) };
      });
      expect(found.violations).to.deep.equal([]);
      expect(found.passes).to.be.above(20);
    });
  }
});
