import { expect } from 'chai';
import { guessUse } from '../../../src/models/onnx/guess.js';
import type { Model } from '../../../src/models/onnx/model.js';
import { readModel } from '../../../src/models/onnx/parse.js';
import { pictureMapping } from '../../../src/models/onnx/place.js';
import { detectorFile } from './support/heads.js';
import { refusal } from './support/refusal.js';

const path = detectorFile();
const metadata = new Map([['author', 'Ultralytics'], ['task', 'detect'], ['names', "{0: 'cat', 1: 'dog'}"]]); // prettier-ignore
const exported: Model = { ...readModel(path), metadata };

describe('models/onnx: detectors', () => {
  it("are known by the metadata of ultralytics' files, which say names and letterbox too", () => {
    const { task, head, input, classes } = guessUse(exported, path);
    expect({ task, head, fit: input.fit, classes }).to.deep.equal({
      task: 'features',
      head: { kind: 'yolov8', output: 'boxes', score: 0.25, overlap: 0.45 },
      fit: 'letterbox',
      classes: ['cat', 'dog'],
    });
  });

  it('are what a user states, who may want surer boxes; other tasks have none', () => {
    const stated = guessUse(readModel(path), path, { head: 'yolov8', score: 0.5, overlap: 0.7, fit: 'corner' });
    expect(stated.head).to.include({ score: 0.5, overlap: 0.7 });
    expect(stated.input.fit).to.equal('corner');
    expect(guessUse(exported, path, { task: 'segmentation' }).head).to.equal(undefined);
    const both = { head: 'yolov8', task: 'segmentation' } as const;
    expect(refusal(() => guessUse(exported, path, both), 'E_USAGE')).to.match(/features, beside --head/);
  });

  it('boxes come back from wherever the picture lay in the input', () => {
    const picture = { width: 100, height: 50 };
    const size = { width: 64, height: 64 };
    const at = (fit: 'stretch' | 'letterbox' | 'corner', x: number, y: number): number[] => {
      const { scale, offset } = pictureMapping(picture, { size, fit }, undefined);
      return [x * scale.x + offset.x, y * scale.y + offset.y];
    };
    expect(at('stretch', 64, 64)).to.deep.equal([100, 50]);
    expect(at('letterbox', 64, 16 + 32)).to.deep.equal([100, 50]);
    expect(at('letterbox', 0, 16)).to.deep.equal([0, 0]);
    expect(at('corner', 64, 32)).to.deep.equal([100, 50]);
    // Resized so that the shorter side has 32 pixels, 64 x 32, and the middle 16 x 16 cut out.
    const { scale, offset } = pictureMapping(picture, {}, { resize: 32, crop: 16 });
    expect([offset.x, offset.y, 16 * scale.x + offset.x]).to.deep.equal([37.5, 12.5, 62.5]);
  });
});
