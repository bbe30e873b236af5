/** So many numbers from -0.5 to 0.5, in no order. */
export function ramp(count: number): number[] {
  return Array.from({ length: count }, (_, i) => ((i * 7) % 11) / 10 - 0.5);
}
