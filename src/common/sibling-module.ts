/**
 * A module of this package that lies beside another, in the sources and in the build: for a process or thread of its own.
 *
 * @param importer `import.meta.url` of the other
 * @param name without its ending
 */
export function siblingModule(importer: string, name: string): URL {
  return new URL(`./${name}.${importer.endsWith('.ts') ? 'ts' : 'js'}`, importer);
}
