import { expect } from 'chai';
import type { Dataset, Sample } from '../../src/data/dataset.js';
import { planPaths } from '../../src/distort/paths.js';
import { labelMaps } from '../../src/tasks/segmentation/targets.js';

function plan(files: [image: string, label: string][], extension: string): [image: string, label: string][] {
  const samples: Sample[] = files.map(([image, label]) => ({ id: image, image, label }));
  const dataset = { samples: () => samples, targets: labelMaps(255) } as unknown as Dataset;
  return planPaths(dataset, ['train'], extension).map(({ image, label }) => [image, label]);
}

describe('distort: paths of a copy', () => {
  it('are those of the source, with the extension of the level', () => {
    const files: [string, string][] = [['images/a.b/x.y.png', 'labels/x.png']];
    expect(plan(files, '.jpg')).to.deep.equal([['images/a.b/x.y.jpg', 'labels/x.png']]);
    expect(plan(files, '.png')).to.deep.equal(files);
    expect(plan([['X.JPEG', 'X.PNG']], '.jpg')).to.deep.equal([['X.jpg', 'X.PNG']]);
    expect(plan([['X.JPG', 'x']], '.jpg')).to.deep.equal([['X.JPG', 'x.png']]);
  });

  it('an image makes way for a label and for another image by keeping its extension', () => {
    expect(plan([['a.jpg', 'a.png']], '.png')).to.deep.equal([['a.jpg.png', 'a.png']]);
    expect(
      plan(
        [
          ['a.png', 'l/1.png'],
          ['a.bmp', 'l/2.png'],
        ],
        '.jpg',
      ),
    ).to.deep.equal([
      ['a.jpg', 'l/1.png'],
      ['a.bmp.jpg', 'l/2.png'],
    ]);
  });

  it('samples may share a label, and splits an image', () => {
    expect(
      plan(
        [
          ['a.png', 'l.png'],
          ['b.png', 'l.png'],
          ['a.png', 'l.png'],
        ],
        '.jpg',
      ),
    ).to.deep.equal([
      ['a.jpg', 'l.png'],
      ['b.jpg', 'l.png'],
      ['a.jpg', 'l.png'],
    ]);
  });

  it('a path outside the folder is refused, and one that has no place left', () => {
    expect(() => plan([['../a.png', 'l.png']], '.jpg')).to.throw(
      "../a.png: expected a path within the dataset's folder",
    );
    expect(() => plan([['a.png', '/l.png']], '.jpg')).to.throw('/l.png: expected a path within');
    const files: [string, string][] = ['a.jpg', 'a.png.jpg', 'a.png'].map((image) => [image, 'l.png']);
    expect(() => plan(files, '.jpg')).to.throw(
      'a.png: expected a path of its own in the distorted copy, got a.jpg, which is also that of a.jpg.',
    );
  });
});
