/** What `node --import` takes to make imports of node-av fail as they do where it is not installed. */
export const WITHOUT_NODE_AV = `data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(\`
    export async function resolve(name, context, next) {
      if (!name.startsWith('node-av')) return next(name, context);
      throw Object.assign(new Error('Cannot find package node-av'), { code: 'ERR_MODULE_NOT_FOUND' });
    }\`));`)}`;
