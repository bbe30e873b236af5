import { join, resolve } from 'node:path';
import { gearnnHome } from '../../engine/install/home.js';

/**
 * The folder of this machine for what comes from buckets and goes there: `GEARNN_STORES`, or `stores` in gearnn's cache. The engine lies there as
 * well, which containers have in an image that they may not write to.
 *
 * @param environment where the variables are read; given by tests
 * @throws E_ENGINE_CACHE where there is no such variable, and the system knows no home folder of this user
 */
export function storesFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return environment.GEARNN_STORES ? resolve(environment.GEARNN_STORES) : join(gearnnHome(environment), 'stores');
}
