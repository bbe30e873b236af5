/** What `node --import` takes to make imports of a package fail as they do where it is not installed. */
export function withoutPackage(name: string): string {
  return `data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(\`
    export async function resolve(name, context, next) {
      if (!name.startsWith('${name}')) return next(name, context);
      throw Object.assign(new Error('Cannot find package ${name}'), { code: 'ERR_MODULE_NOT_FOUND' });
    }\`));`)}`;
}

export const WITHOUT_NODE_AV = withoutPackage('node-av');
