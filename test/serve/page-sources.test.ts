import { expect } from 'chai';
import sharp from 'sharp';
import { openScenes } from '../../src/data/scenes.js';
import { encodeJpeg, encodePng } from '../../src/image/encode.js';
import { resizePixels } from '../../src/image/resize.js';
import { dropFile, levelIs, pageSuite } from './support/browser.js';

describe('serve: images and streams of the page at /', () => {
  const suite = pageSuite();

  it('a dropped file is sent as it is: its own compression is read, and that there is no clean mask is said', async () => {
    const scenes = await openScenes('3', 'scenes:3');
    const image = await scenes.readImage(scenes.samples('val')[0]!);
    const { page } = await suite.open();
    await dropFile(page, 'street.jpg', 'image/jpeg', await encodeJpeg(image, 9));
    const { sent } = await levelIs(page, 'jpeg=10 (detected, read jpeg=9)');
    expect(sent).to.contain('JPEG');
    expect(await page.locator('#source-note').textContent())
      .to.contain('street.jpg')
      .and.contain('jpeg=9');
  });

  it('a chosen file that is large is sent smaller', async () => {
    const scenes = await openScenes('3@64x128', 'scenes:3@64x128');
    const image = await scenes.readImage(scenes.samples('val')[0]!);
    const large = resizePixels(image, { width: 1280, height: 640 });
    const { page } = await suite.open();
    await page.locator('#file').setInputFiles({
      name: 'large.png',
      mimeType: 'image/png',
      buffer: Buffer.from(await encodePng(large)),
    });
    await page.waitForFunction(() => document.querySelector('#source-note')!.textContent!.includes('512 × 256'));
    expect(await page.locator('#adapted').evaluate((canvas: HTMLCanvasElement) => canvas.width)).to.equal(512);
  });

  for (const format of ['jpeg', 'png', 'webp'] as const) {
    it(`a ${format} that is to be turned is sent turned`, async () => {
      const scenes = await openScenes('3', 'scenes:3');
      const { data, width, height } = await scenes.readImage(scenes.samples('val')[0]!);
      const stored = sharp(data, { raw: { width, height, channels: 3 } });
      const file = await stored.withMetadata({ orientation: 6 }).toFormat(format).toBuffer();
      const { page } = await suite.open();
      await dropFile(page, 'turned', `image/${format}`, file);
      await page.waitForFunction(() => document.querySelector('#source-note')!.textContent!.startsWith('turned'));
      const shown = await page.evaluate(() => {
        const { width, height } = document.querySelector<HTMLCanvasElement>('#adapted')!;
        return { note: document.querySelector('#source-note')!.textContent, width, height };
      });
      // A browser that does not turn this format shows what is stored, as PNG all the same.
      expect(shown.note).to.contain('sent as PNG');
      expect([shown.width, shown.height], shown.note!).to.have.members([128, 256]);
      if (format === 'jpeg') expect([shown.width, shown.height]).to.deep.equal([128, 256]);
    });
  }

  it('a sweep is a stream whose levels the chart names, until a slider is moved', async () => {
    const { page, requests } = await suite.open();
    await page.getByRole('button', { name: 'Sweep the quality' }).click();
    for (const level of ['jpeg=90', 'jpeg=50', 'jpeg=20', 'jpeg=10', 'jpeg=5']) await levelIs(page, level);
    expect(await page.locator('#chart').getAttribute('aria-label')).to.match(/[1-9]\d* answers; the last at jpeg=/);
    const streams = new Set(requests.map((url) => new URL(url).searchParams.get('sequence_id')).filter(Boolean));
    expect(streams.size).to.equal(1);
    await page.locator('#quality').fill('101');
    await levelIs(page, 'clean');
    expect(await page.locator('#sweep').getAttribute('aria-pressed')).to.equal('false');
  });

  it('the webcam is a stream at the quality of the slider', async () => {
    const { page } = await suite.open({ permissions: ['camera'] });
    await page.locator('#quality').fill('8');
    await page.getByRole('button', { name: 'Webcam' }).click();
    await page.waitForFunction(() => document.querySelector('#source-note')!.textContent!.startsWith('Webcam, 256 ×'));
    await levelIs(page, 'jpeg=10 (detected, read jpeg=8)');
    const frames = async (): Promise<number> =>
      Number.parseInt((await page.locator('#chart').getAttribute('aria-label'))!.split(': ')[1]!, 10);
    const before = await frames();
    await page.waitForFunction(
      (count) => Number.parseInt(document.querySelector('#chart')!.ariaLabel!.split(': ')[1]!, 10) > count + 3,
      before,
    );
    await page.getByRole('button', { name: 'Webcam' }).click();
    await page.getByRole('button', { name: 'Drawn street 1' }).click();
    await page.waitForFunction(() => document.querySelector('#source-note')!.textContent!.includes('street 1'));
  });
});
