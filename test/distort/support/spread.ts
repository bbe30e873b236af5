import { expect } from 'chai';
import { Random } from '../../../src/common/random.js';
import type { Pixels } from '../../../src/image/pixels.js';
import { fixtureImage, fixtureJson, STATISTICS, statistics } from './corruptions.js';

interface Spread {
  mean: number[];
  /** From seed to seed. */
  deviation: number[];
}

const { seeds: REFERENCE_SEEDS, ...SPREADS } = fixtureJson<
  { seeds: number } & Record<string, Record<string, Spread[]>>
>('corruptions/statistics.json');
const SEEDS = 16;
/** How many standard errors two means may be apart. */
const ERRORS = 4;

/**
 * Tests a random kind against imagecorruptions: on two drawn scenes and a synthetic image, at every severity, the mean of each statistic
 * over seeds is the reference's, to 4 standard errors of the difference, which the reference's own spread over seeds gives.
 */
export function itHasTheStatisticsOf(
  kind: string,
  apply: (pixels: Pixels, severity: number, random: Random) => Pixels,
): void {
  for (const [image, spreads] of Object.entries((SPREADS as Record<string, Record<string, Spread[]>>)[kind]!)) {
    spreads.forEach(({ mean, deviation }, i) => {
      const severity = i + 1;
      it(`${severity}: has the statistics of imagecorruptions on ${image}`, async () => {
        const pixels = await fixtureImage(`${image}.png`);
        const sums = mean.map(() => 0);
        for (let seed = 0; seed < SEEDS; seed++) {
          const found = statistics(apply(pixels, severity, Random.of(seed, 'test', kind)));
          found.forEach((value, s) => (sums[s]! += value));
        }
        STATISTICS.forEach((name, s) => {
          const error = deviation[s]! * Math.sqrt(1 / SEEDS + 1 / REFERENCE_SEEDS);
          // The fixture has six digits.
          expect(sums[s]! / SEEDS, name).to.be.closeTo(mean[s]!, ERRORS * error + 1e-5 * Math.abs(mean[s]!));
        });
      });
    });
  }
}
