import { fail } from '../common/errors.js';

/**
 * Refuses pictures that nobody labelled, where labels are needed.
 *
 * @throws E_DATA_TASK always
 */
export function failUnlabelled(where: string, expected = 'labelled images'): never {
  fail('E_DATA_TASK', {
    where,
    expected,
    got: 'images without labels',
    todo: 'Use --objective teacher in gearnn finetune and gearnn frequency, and --agreement in gearnn eval, which need none, or labelled data.',
  });
}
