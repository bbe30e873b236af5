import type { Distortion } from './distortion.js';

/** ImageNet-C's severities, from the mildest to the strongest. */
const SEVERITIES = [1, 2, 3, 4, 5];

/**
 * What all kinds have in common whose values are the five severities of ImageNet-C: how a value is read, and where it lies among the
 * others.
 *
 * @param kind as in the level, for the advice
 * @source Hendrycks and Dietterich 2019, "Benchmarking Neural Network Robustness to Common Corruptions and Perturbations"
 */
export function bySeverity(
  kind: string,
): Pick<Distortion<number>, 'kind' | 'expected' | 'examples' | 'parse' | 'advice' | 'scale'> {
  return {
    kind,
    expected: 'a severity from 1 to 5',
    examples: SEVERITIES,
    parse: (text) => (/^0*[1-5]$/.test(text) ? Number(text) : undefined),
    advice(text) {
      const severity = text === '' ? Number.NaN : Number(text);
      if (severity < 1) return `Use ${kind}=1 for the mildest, or clean for none.`;
      if (severity > 5) return `Use ${kind}=5 for the strongest.`;
      return `Write a whole number, for example ${kind}=3.`;
    },
    scale: {
      // JPEG 10, a distance of 1, is severity 4 of the same paper's compression. Of two steps the stronger counts.
      point: (value) => (typeof value === 'number' ? [value / 4] : undefined),
      clean: [0],
      both: (first, second) => [Math.max(first[0]!, second[0]!)],
    },
  };
}
