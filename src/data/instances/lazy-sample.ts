import type { Sample } from '../dataset.js';

/** A sample whose label is made when it is first asked for: most who list samples want none. */
export function lazySample({ id, image }: Pick<Sample, 'id' | 'image'>, make: () => string): Sample {
  let label: string | undefined;
  return {
    id,
    image,
    get label() {
      return (label ??= make());
    },
  };
}
