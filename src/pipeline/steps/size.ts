/** `224x320` -> `[224, 320]` */
export function parseSize(text: string | undefined): [height: number, width: number] | undefined {
  return text === undefined ? undefined : (text.split('x').map(Number) as [number, number]);
}
