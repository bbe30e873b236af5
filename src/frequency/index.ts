/**
 * `gearnn/frequency`. What a network looks at, by DCT coefficients.
 *
 * @packageDocumentation
 */
export { frequencyResponse, type CoefficientMap, type FrequencyResponse } from './response.js';
export type { FrequencyResponseOptions } from './response.js';
export { measureResponse, type Measurement, type MeasureOptions } from './measure.js';
export { summarizeResponse, type Band, type ResponseSummary } from './bands.js';
