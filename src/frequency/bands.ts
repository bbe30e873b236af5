import type { CoefficientMap } from './response.js';

/** Frequencies by their distance from zero, 1 being the highest along either axis: up to a quarter, up to a half, and above. */
export const BANDS = ['low', 'mid', 'high'] as const;
export type Band = (typeof BANDS)[number];

/** Where the bands begin. */
const BAND_EDGES: Readonly<Record<Band, number>> = { low: 0, mid: 0.25, high: 0.5 };

/** Steps from 0 to 1 of {@link ResponseSummary.radial}. */
const STEPS = 32;

/** A response in a few numbers. */
export interface ResponseSummary {
  /** Sum over all coefficients. */
  total: number;
  /** Share of `total` in each band, 0..1. */
  shares: Record<Band, number>;
  /** Mean response of a coefficient in each band. */
  bands: Record<Band, number>;
  /**
   * Mean response of a coefficient by radial frequency, in 32 equal steps from 0 to 1; what lies beyond, in the corner, is left out.
   * Null where a small image has no coefficient.
   */
  radial: (number | null)[];
}

/**
 * Distance of a coefficient from zero frequency: 1 is half a period per pixel, the highest along an axis; the corner is near 1.41.
 *
 * @param v row and `u` column of the coefficient
 */
export function radialFrequency(v: number, u: number, { height, width }: { height: number; width: number }): number {
  return Math.hypot(v / height, u / width);
}

/** The band of a radial frequency. */
export function bandOf(radial: number): Band {
  return radial < BAND_EDGES.mid ? 'low' : radial < BAND_EDGES.high ? 'mid' : 'high';
}

/** What a response comes to, by radial frequency. */
export function summarizeResponse(map: CoefficientMap): ResponseSummary {
  const rings = Array.from({ length: STEPS }, () => ({ sum: 0, count: 0 }));
  const bands = { low: { sum: 0, count: 0 }, mid: { sum: 0, count: 0 }, high: { sum: 0, count: 0 } };
  map.data.forEach((value, i) => {
    const radial = radialFrequency(Math.floor(i / map.width), i % map.width, map);
    for (const group of [bands[bandOf(radial)], rings[Math.floor(radial * STEPS)]]) {
      if (!group) continue;
      group.sum += value;
      group.count++;
    }
  });
  const mean = ({ sum, count }: { sum: number; count: number }): number => (count === 0 ? 0 : sum / count);
  const total = bands.low.sum + bands.mid.sum + bands.high.sum;
  const share = ({ sum }: { sum: number }): number => (total === 0 ? 0 : sum / total);
  return {
    total,
    shares: { low: share(bands.low), mid: share(bands.mid), high: share(bands.high) },
    bands: { low: mean(bands.low), mid: mean(bands.mid), high: mean(bands.high) },
    radial: rings.map((ring) => (ring.count === 0 ? null : mean(ring))),
  };
}

/** Relative difference of each band's mean from another network's: -0.25 is a quarter less; null where the other has none. */
export function bandChanges(
  { bands }: Pick<ResponseSummary, 'bands'>,
  other: Pick<ResponseSummary, 'bands'>,
): Record<Band, number | null> {
  const change = (band: Band): number | null => (other.bands[band] > 0 ? bands[band] / other.bands[band] - 1 : null);
  return { low: change('low'), mid: change('mid'), high: change('high') };
}
