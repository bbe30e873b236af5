import { expect } from 'chai';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { levelsPicture } from '../../scripts/docs/picture.js';
import { decodeImage } from '../../src/image/decode.js';
import { ROOT, readSource } from '../support/sources.js';

const PATH = 'docs/images/levels.png';

describe("scripts: README's picture", function () {
  this.timeout(120_000);

  it('is what `npm run picture` draws of the demo network', async () => {
    const shown = await decodeImage(readFileSync(join(ROOT, PATH)), PATH);
    const drawn = await levelsPicture(ROOT);
    expect([shown.width, shown.height]).to.deep.equal([drawn.width, drawn.height]);
    expect(Buffer.compare(shown.data, drawn.data)).to.equal(0);
  });

  it('stands in README, and has less than 300 kB', () => {
    expect(readSource('README.md')).to.contain(`](${PATH})`);
    expect(statSync(join(ROOT, PATH)).size).to.be.lessThan(300_000);
  });
});
