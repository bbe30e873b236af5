import { splitMethod } from './split-method.js';

/** @source Xie and Kim 2020, section 3.2 */
export const adaptor = splitMethod("the base with that level's few adapted weights", {});
