import { expect } from 'chai';
import { GearnnError } from '../../src/common/errors.js';
import { LevelTracker } from '../../src/serve/tracker.js';
import { jpeg, made, seen } from './support/observed.js';

describe('serve: level tracker, told', () => {
  describe('stated levels', () => {
    it('of one frame go before what is seen, and leave no trace', () => {
      const tracker = new LevelTracker({ levels: ['jpeg=10', 'jpeg=30'] });
      expect(tracker.next(jpeg(30), 'jpeg=10')).to.deep.equal({
        level: 'jpeg=10',
        confidence: 1,
        how: 'stated',
        known: { jpeg: 30 },
      });
      expect(tracker.next(jpeg(16)).level).to.equal('jpeg=30');
    });

    it('of the stream hold until they are cleared', () => {
      const tracker = new LevelTracker({ levels: ['jpeg=10', 'jpeg=30'] });
      tracker.state('jpeg=10');
      for (let i = 0; i < 50; i++) expect(tracker.next(i % 2 ? jpeg(100) : {}).level).to.equal('jpeg=10');
      expect(tracker.next({}, 'jpeg=30').level).to.equal('jpeg=30');
      expect(tracker.next({}).level).to.equal('jpeg=10');
      tracker.state(null);
      expect(tracker.next({})).to.deep.include({ level: null, how: 'none' });
      expect(tracker.next(jpeg(30))).to.deep.include({ level: 'jpeg=30', how: 'detected' });
    });

    it('that are no candidate get the nearest; what they do not name is clean', () => {
      const tracker = new LevelTracker({ levels: ['jpeg=10', 'jpeg=30', 'brightness=0.5+jpeg=30'] });
      expect(tracker.next({}, 'jpeg=12').level).to.equal('jpeg=10');
      expect(tracker.next({}, 'jpeg=95').level).to.equal(null);
      expect(tracker.next({}, 'brightness=0.6+jpeg=28').level).to.equal('brightness=0.5+jpeg=30');
      expect(tracker.next(jpeg(10), 'clean')).to.deep.include({ level: null, confidence: 1, how: 'stated' });
    });

    it('of kinds that no frame tells get the nearest by severity, or by the logarithm of gamma', () => {
      const tracker = new LevelTracker({ levels: ['fog=5', 'noise=3', 'gamma=4'] });
      expect(tracker.next({}, 'fog=3')).to.deep.include({ level: 'fog=5', how: 'stated' });
      expect(tracker.next({}, 'fog=2').level).to.equal(null);
      expect(tracker.next({}, 'noise=5').level).to.equal('noise=3');
      expect(tracker.next({}, 'gamma=2.5').level).to.equal('gamma=4');
      expect(tracker.next({}, 'gamma=1.9').level).to.equal(null);
      expect(tracker.next({}, 'motion=5').level).to.equal(null);
    });

    it('that are no level, or that no candidate is near, are refused and change nothing', () => {
      const tracker = new LevelTracker({ levels: ['jpeg=10'] });
      tracker.next(jpeg(10));
      expect(() => tracker.next(jpeg(10), 'jpeg=0'))
        .to.throw(GearnnError)
        .with.property('code', 'E_DISTORT_LEVEL');
      expect(() => tracker.state(made('sepia', 24)))
        .to.throw(GearnnError, 'expected a level near one of clean, jpeg=10, got sepia=24')
        .with.property('code', 'E_ADAPTOR_LEVEL');
      expect(tracker.next({})).to.deep.include({ level: 'jpeg=10', how: 'held' });
      expect(tracker.log).to.have.length(1);
    });
  });

  describe('candidates that come and go', () => {
    it('one that is added counts from the next frame on, for what was stated too', () => {
      const tracker = new LevelTracker();
      expect(tracker.next(jpeg(10))).to.deep.include({ level: null, how: 'none' });
      tracker.add('jpeg=30');
      expect(tracker.next(jpeg(10)).level).to.equal('jpeg=30');
      tracker.state('jpeg=10');
      expect(tracker.next({}).level).to.equal('jpeg=30');
      tracker.add('jpeg=010');
      tracker.add('jpeg=10');
      expect(tracker.levels).to.deep.equal(['jpeg=30', 'jpeg=10']);
      expect(tracker.next({}).level).to.equal('jpeg=10');
    });

    it('one that is removed is never answered again', () => {
      const tracker = new LevelTracker({ levels: ['jpeg=10', 'jpeg=30'] });
      tracker.next(jpeg(10));
      tracker.remove('jpeg=10');
      expect(tracker.levels).to.deep.equal(['jpeg=30']);
      expect(tracker.log.at(-1)).to.deep.equal({ frame: 1, from: 'jpeg=10', to: null, why: 'removed' });
      expect(tracker.next({}).level).to.equal(null);
      expect(tracker.next(jpeg(10)).level).to.equal('jpeg=30');
    });

    it('the removal of a stated one without neighbours clears the statement', () => {
      const tracker = new LevelTracker({ levels: [made('sepia', 24), 'jpeg=30'] });
      tracker.state(made('sepia', 24));
      expect(tracker.next({}).level).to.equal('sepia=24');
      tracker.remove(made('sepia', 24));
      expect(tracker.next(jpeg(30))).to.deep.include({ level: 'jpeg=30', how: 'detected' });
    });

    it('clean always is one, and cannot be removed', () => {
      const tracker = new LevelTracker({ levels: ['clean', 'jpeg=10'] });
      tracker.remove('clean');
      expect(tracker.levels).to.deep.equal(['jpeg=10']);
      expect(tracker.next(jpeg(100)).level).to.equal(null);
    });

    it('a text that is no level is refused', () => {
      expect(() => new LevelTracker({ levels: ['blur=3'] }))
        .to.throw(GearnnError)
        .with.property('code', 'E_DISTORT_LEVEL');
    });
  });

  describe('log', () => {
    it('says when, from what, to what and why', () => {
      const tracker = new LevelTracker({ levels: ['jpeg=10', 'brightness=0.5+jpeg=30'] });
      tracker.next(jpeg(12));
      tracker.next(jpeg(9));
      tracker.next(seen({ brightness: 0.52, jpeg: 31 }));
      tracker.next({}, 'clean');
      expect(tracker.log).to.deep.equal([
        { frame: 0, from: null, to: 'jpeg=10', why: 'jpeg=12' },
        { frame: 2, from: 'jpeg=10', to: 'brightness=0.5+jpeg=30', why: 'brightness=0.52 jpeg=31' },
        { frame: 3, from: 'brightness=0.5+jpeg=30', to: null, why: 'stated' },
      ]);
    });

    it('keeps the last changes only', () => {
      const tracker = new LevelTracker({ levels: ['jpeg=10'], logLength: 3 });
      for (let i = 0; i < 100; i++) tracker.next(jpeg(i % 2 ? 10 : 100));
      expect(tracker.log.map(({ frame }) => frame)).to.deep.equal([97, 98, 99]);
    });
  });
});
