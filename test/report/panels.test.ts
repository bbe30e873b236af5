import { expect } from 'chai';
import { parseHTML } from 'linkedom';
import { drawCurves } from '../../src/report/charts/curves.js';
import { type NumberPanel, panelsOf } from '../../src/report/charts/panels.js';
import { exampleResults } from './support/results.js';

const ofOne = (...levels: string[]) => {
  const panels = panelsOf(levels);
  expect(panels).to.have.length(1);
  return panels[0] as NumberPanel;
};

describe('report: axes of levels', () => {
  it('are one per kind, in the order in which kinds appear', () => {
    const panels = panelsOf(['jpeg=20', 'brightness=0.3', 'jpeg=5', 'h264=24', 'h264=24-gop12']);
    expect(panels.map(({ name, levels }) => [name, levels.map(({ level }) => level)])).to.deep.equal([
      ['JPEG quality', ['jpeg=5', 'jpeg=20']],
      ['brightness', ['brightness=0.3']],
      ['H.264 CRF', ['h264=24']],
      ['H.264 CRF, GOP 12', ['h264=24-gop12']],
    ]);
  });

  for (const { levels, order, scale } of [
    { levels: ['jpeg=50', 'jpeg=3', 'jpeg=100'], order: ['3', '50', '100'], scale: 'log' },
    { levels: ['h264=18', 'h264=51', 'h264=24'], order: ['51', '24', '18'], scale: 'linear' },
    { levels: ['noise=1', 'noise=4'], order: ['4', '1'], scale: 'linear' },
    { levels: ['gamma=0.5', 'gamma=2'], order: ['2', '0.5'], scale: 'log' },
    { levels: ['brightness=2', 'brightness=0.1', 'brightness=1'], order: ['0.1', '1', '2'], scale: 'log' },
    { levels: ['resolution=480x360', 'resolution=64x48'], order: ['64x48', '480x360'], scale: 'log' },
    { levels: ['resolution=0.75x', 'resolution=0.25x'], order: ['0.25x', '0.75x'], scale: 'log' },
    // A logarithm of 0 is nowhere.
    { levels: ['brightness=0', 'brightness=0.5'], order: ['0', '0.5'], scale: 'linear' },
  ]) {
    it(`${levels.join(', ')}: ${order.join(', ')} on a ${scale} scale`, () => {
      const panel = ofOne(...levels);
      expect(panel.levels.map(({ text }) => text)).to.deep.equal(order);
      expect(panel.scale).to.equal(scale);
      expect(panel.falling).to.equal(panel.levels[0]!.at > panel.levels[1]!.at);
    });
  }

  it('sizes and factors have an axis each', () => {
    expect(panelsOf(['resolution=0.5x', 'resolution=240x180'])).to.have.length(2);
  });

  it('levels of several steps, and such as this version does not know, stand side by side', () => {
    const panels = panelsOf(['brightness=0.5+jpeg=30', 'brightness=0.5+jpeg=10', 'magic=3']);
    expect(panels.map(({ name, scale, levels }) => [name, scale, levels.map(({ text }) => text)])).to.deep.equal([
      ['brightness + jpeg', 'bands', ['0.5 + 30', '0.5 + 10']],
      ['level', 'bands', ['magic=3']],
    ]);
  });

  it('have a value written wherever there is room, and none over another', () => {
    const textsOf = (...levels: string[]): (string | null)[] => {
      const [chart] = drawCurves(exampleResults(levels), 'wide');
      const labels = parseHTML(chart!).document.querySelectorAll('[aria-label="x-axis tick label"] text');
      return [...labels].map(({ textContent }) => textContent).filter((text) => text !== '');
    };
    const all = ['3', '5', '8', '10', '15', '20', '30', '50', '70', '100'];
    expect(textsOf(...all.map((quality) => `jpeg=${quality}`))).to.deep.equal(all);
    expect(textsOf('jpeg=3', 'jpeg=98', 'jpeg=99', 'jpeg=100')).to.deep.equal(['3', '98']);
  });

  it('levels side by side are points that no line joins', () => {
    const [chart] = drawCurves(exampleResults(['brightness=0.5+jpeg=30', 'brightness=0.7+jpeg=10']), 'wide');
    const { document } = parseHTML(chart!);
    expect(document.querySelectorAll('[aria-label=dot] circle')).to.have.length(6);
    expect(document.querySelectorAll('[aria-label=line] path')).to.have.length(0);
  });
});
