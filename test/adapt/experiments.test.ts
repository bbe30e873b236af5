import { expect } from 'chai';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AdaptRow } from '../../src/adapt/options.js';
import { readSource, ROOT } from '../support/sources.js';

const NAMES = readdirSync(join(ROOT, 'experiments')).filter((name) =>
  existsSync(join(ROOT, 'experiments', name, 'adapt.json')),
);

describe('adapt: committed experiments', () => {
  it('are there', () => expect(NAMES).to.include('ocr-jpeg'));

  for (const name of NAMES) {
    it(`the table of experiments/${name}/report.md has the figures of its adapt.json`, () => {
      const { rows } = JSON.parse(readSource(`experiments/${name}/adapt.json`)) as { rows: AdaptRow[] };
      const lines = readSource(`experiments/${name}/report.md`).split('\n');
      for (const { level, before, after, parameters } of rows) {
        const line = lines.find((text) => text.startsWith(`| \`${level}\``));
        const won = `${Math.round((100 * (after - before)) / (1 - before))}%`;
        const cells = [before.toFixed(3), after.toFixed(3), won, parameters.toLocaleString('en')];
        expect(line?.split('|').map((cell) => cell.trim())).to.include.members(cells);
      }
    });
  }
});
