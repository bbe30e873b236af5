import { expect } from 'chai';
import { LevelTracker } from '../../src/serve/tracker.js';
import { jpeg, seen } from './support/observed.js';

describe('serve: level tracker', () => {
  describe('nearest candidate', () => {
    const levels = ['jpeg=10', 'jpeg=30', 'jpeg=5'];
    // By the mean low-frequency step (81 at 10, 27 at 30, 160 at 5, 1 when clean) the middles lie at 120, 54 and 14.
    for (const [quality, expected] of [
      [1, 'jpeg=5'],
      [5, 'jpeg=5'],
      [6, 'jpeg=5'],
      [7, 'jpeg=10'],
      [10, 'jpeg=10'],
      [14, 'jpeg=10'],
      [16, 'jpeg=30'],
      [30, 'jpeg=30'],
      [55, 'jpeg=30'],
      [60, null],
      [100, null],
    ] as const) {
      it(`JPEG ${quality} of ${levels.join(', ')} and clean: ${expected ?? 'the base'}`, () => {
        expect(new LevelTracker({ levels }).next(jpeg(quality))).to.deep.equal({
          level: expected,
          confidence: 1,
          how: 'detected',
          known: { jpeg: quality },
        });
      });
    }

    it('the confidence is that of what was seen', () => {
      const tracker = new LevelTracker({ levels });
      expect(tracker.next({ jpeg: { value: 30, confidence: 0.3 } }).confidence).to.equal(0.3);
    });

    it('brightness is compared by ratio', () => {
      const tracker = (): LevelTracker =>
        new LevelTracker({ levels: ['brightness=0.1', 'brightness=0.4', 'brightness=2'] });
      expect(tracker().next(seen({ brightness: 0.21 })).level).to.equal('brightness=0.4');
      expect(tracker().next(seen({ brightness: 0.19 })).level).to.equal('brightness=0.1');
      expect(tracker().next(seen({ brightness: 0.6 })).level).to.equal('brightness=0.4');
      expect(tracker().next(seen({ brightness: 0.7 })).level).to.equal(null);
      expect(tracker().next(seen({ brightness: 1.5 })).level).to.equal('brightness=2');
    });

    it('resolutions are compared with the reference size', () => {
      const size = { width: 480, height: 360 };
      const resolutions = ['resolution=0.5x', 'resolution=120x90'];
      const tracker = (): LevelTracker => new LevelTracker({ levels: resolutions, size });
      expect(tracker().next(seen({ resolution: '240x180' })).level).to.equal('resolution=0.5x');
      expect(tracker().next(seen({ resolution: '160x120' })).level).to.equal('resolution=120x90');
      expect(tracker().next(seen({ resolution: '400x300' })).level).to.equal(null);
    });

    it('the original size lies where clean does: seen it gets the base, stated its own', () => {
      const tracker = new LevelTracker({ levels: ['resolution=480x360'], size: { width: 480, height: 360 } });
      expect(tracker.next(seen({ resolution: '480x360' })).level).to.equal(null);
      expect(tracker.next({}, 'resolution=480x360').level).to.equal('resolution=480x360');
    });

    it('a stream that changes resolution is followed on the very frame', () => {
      const tracker = new LevelTracker({ levels: ['resolution=0.5x'], size: { width: 480, height: 360 } });
      const rungs = ['480x360', '240x180', '240x180', '480x360'];
      expect(rungs.map((resolution) => tracker.next(seen({ resolution })).level)).to.deep.equal([
        ...[null, 'resolution=0.5x', 'resolution=0.5x', null],
      ]);
    });
  });

  describe('combinations', () => {
    const levels = ['jpeg=30', 'brightness=0.5', 'brightness=0.5+jpeg=30'];

    for (const [values, expected] of [
      [{ jpeg: 30, brightness: 0.5 }, 'brightness=0.5+jpeg=30'],
      [{ jpeg: 25, brightness: 0.4 }, 'brightness=0.5+jpeg=30'],
      [{ jpeg: 30, brightness: 1 }, 'jpeg=30'],
      [{ jpeg: 95, brightness: 0.5 }, 'brightness=0.5'],
      [{ jpeg: 95, brightness: 1.1 }, null],
    ] as const) {
      it(`${JSON.stringify(values)}: ${expected ?? 'the base'}`, () => {
        expect(new LevelTracker({ levels }).next(seen(values)).level).to.equal(expected);
      });
    }

    it('a level of which one kind is unknown is no candidate', () => {
      expect(new LevelTracker({ levels }).next(seen({ jpeg: 30 })).level).to.equal('jpeg=30');
      expect(new LevelTracker({ levels: ['brightness=0.5+jpeg=30'] }).next(seen({ jpeg: 30 })).level).to.equal(null);
      const unsure = { jpeg: { value: 30, confidence: 1 }, brightness: { value: 0.5, confidence: 0 } };
      expect(new LevelTracker({ levels }).next(unsure)).to.deep.include({ level: 'jpeg=30', known: { jpeg: 30 } });
    });

    it('the confidence is that of the less sure kind', () => {
      const both = { jpeg: { value: 30, confidence: 0.9 }, brightness: { value: 0.5, confidence: 0.6 } };
      expect(new LevelTracker({ levels }).next(both).confidence).to.equal(0.6);
    });

    it('a kind that no candidate has does not count, but is reported', () => {
      const found = new LevelTracker({ levels: ['jpeg=30'] }).next(seen({ jpeg: 30, brightness: 0.1 }));
      expect(found).to.deep.include({ level: 'jpeg=30', known: { jpeg: 30, brightness: 0.1 } });
    });

    it('a CRF cannot be seen: such a level is chosen only where it is stated', () => {
      const tracker = new LevelTracker({ levels: ['h264=24', 'jpeg=30'] });
      expect(tracker.next(jpeg(100)).level).to.equal(null);
      expect(tracker.next(jpeg(100), 'h264=24').level).to.equal('h264=24');
      expect(tracker.next(jpeg(100), 'h264=27').level).to.equal('h264=24');
      expect(tracker.next(jpeg(100)).level).to.equal(null);
    });

    it('a level of sequences lies where that of single pictures lies; stated itself, it is taken', () => {
      const alone = new LevelTracker({ levels: ['h264=36-gop12', 'h264=51'] });
      expect(alone.next({}, 'h264=38').level).to.equal('h264=36-gop12');
      const both = new LevelTracker({ levels: ['h264=36', 'h264=36-gop12'] });
      expect(both.next({}, 'h264=36-gop12').level).to.equal('h264=36-gop12');
      expect(both.next({}, 'h264=36').level).to.equal('h264=36');
    });
  });

  describe('hysteresis', () => {
    // Between 10 (mean step 81) and 30 (27) the middle is 54 and a tenth of the way 5.4: from 48.6 to 59.4 the level is held.
    // Quality 15 has 54, 14 has 58, 13 has 62, 16 has 51, 17 has 48.
    it('on the border the level does not flap', () => {
      const tracker = new LevelTracker({ levels: ['jpeg=10', 'jpeg=30'] });
      tracker.next(jpeg(10));
      const held = [16, 14, 15, 16, 14, 16].map((quality) => tracker.next(jpeg(quality)));
      expect(held.map(({ level }) => level)).to.deep.equal(Array(6).fill('jpeg=10'));
      expect(held[0]!.how).to.equal('held');
      expect(held[1]!.how).to.equal('detected');
      expect(tracker.log).to.have.length(1);
    });

    it('the same border from the other side keeps the other level', () => {
      const tracker = new LevelTracker({ levels: ['jpeg=10', 'jpeg=30'] });
      tracker.next(jpeg(30));
      expect([14, 15, 16, 14].map((quality) => tracker.next(jpeg(quality)).level)).to.deep.equal(
        Array(4).fill('jpeg=30'),
      );
    });

    it('just beyond the border it changes', () => {
      const tracker = new LevelTracker({ levels: ['jpeg=10', 'jpeg=30'] });
      tracker.next(jpeg(10));
      expect(tracker.next(jpeg(17))).to.deep.include({ level: 'jpeg=30', how: 'detected' });
      expect(tracker.next(jpeg(13))).to.deep.include({ level: 'jpeg=10', how: 'detected' });
    });

    it('a clear change is followed on that very frame, every frame', () => {
      const tracker = new LevelTracker({ levels: ['jpeg=5', 'jpeg=10', 'jpeg=30'] });
      const qualities = [5, 30, 10, 100, 5, 100, 10, 30];
      expect(qualities.map((quality) => tracker.next(jpeg(quality)).level)).to.deep.equal([
        ...['jpeg=5', 'jpeg=30', 'jpeg=10', null],
        ...['jpeg=5', null, 'jpeg=10', 'jpeg=30'],
      ]);
    });

    it('0 turns it off', () => {
      const tracker = new LevelTracker({ levels: ['jpeg=10', 'jpeg=30'], hysteresis: 0 });
      const qualities = [14, 16, 14, 16];
      const found = qualities.map((quality) => tracker.next(jpeg(quality)).level);
      expect(found).to.deep.equal(['jpeg=10', 'jpeg=30', 'jpeg=10', 'jpeg=30']);
    });
  });

  describe('frames of which nothing is known', () => {
    it('the first ones get the base', () => {
      const tracker = new LevelTracker({ levels: ['jpeg=10'] });
      expect(tracker.next({})).to.deep.equal({ level: null, confidence: 0, how: 'none', known: {} });
    });

    it('hold the last level for as long as said, and then get the base', () => {
      const tracker = new LevelTracker({ levels: ['jpeg=10'], hold: 2 });
      tracker.next({ jpeg: { value: 10, confidence: 0.7 } });
      for (let i = 0; i < 2; i++) {
        expect(tracker.next({})).to.deep.equal({ level: 'jpeg=10', confidence: 0.7, how: 'held', known: {} });
      }
      for (let i = 0; i < 2; i++) expect(tracker.next({})).to.deep.include({ level: null, how: 'none' });
      expect(tracker.log.at(-1)).to.deep.equal({ frame: 3, from: 'jpeg=10', to: null, why: 'nothing known' });
    });

    it('a frame of which something is known begins the count again', () => {
      const tracker = new LevelTracker({ levels: ['jpeg=10'], hold: 1 });
      for (let i = 0; i < 4; i++) {
        expect(tracker.next(jpeg(10)).level).to.equal('jpeg=10');
        expect(tracker.next({}).level).to.equal('jpeg=10');
      }
    });
  });
});
