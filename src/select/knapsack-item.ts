/** One thing to take or leave. */
export interface KnapsackItem {
  /** What taking it is worth: finite, not negative, any real number. */
  value: number;
  /** What it occupies: a whole number, 0 or more. */
  size: number;
}
