import type { Dataset, Sample } from './dataset.js';

/** What tells a sample from others in messages: the path of its label, or its id. */
export function whereOf({ targets }: Pick<Dataset, 'targets'>, { id, label }: Sample): string {
  return (targets.labelFiles && label) || id;
}
