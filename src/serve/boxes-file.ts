/** Where the boxes of a picture lie, beside the PNG with them in it. */
export function boxesFile(path: string): string {
  return path.replace(/\.png$/, '.json');
}
