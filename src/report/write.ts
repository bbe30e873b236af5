import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../common/files.js';
import type { FrameExample } from './frames.js';
import type { Pictures } from './frequency.js';
import { renderHtml } from './html/page.js';
import { renderMarkdown } from './markdown.js';
import type { Results } from './schema.js';

/** Where a report's pages were written. */
export interface ReportPaths {
  markdown: string;
  html: string;
}

/** What a report shows beside its numbers. */
export interface ReportPictures {
  /** Example images with their masks. */
  frames?: readonly FrameExample[];
  /** Of frequency responses, by their path beside the results. */
  pictures?: Pictures;
}

/** Writes `report.md` and `report.html` into a folder, each whole or not at all. */
export async function writeReport(
  folder: string,
  results: Results,
  { frames = [], pictures = new Map() }: ReportPictures = {},
): Promise<ReportPaths> {
  const paths = { markdown: join(folder, 'report.md'), html: join(folder, 'report.html') };
  // The Markdown page links to pictures, so they lie beside it.
  for (const [path, bytes] of pictures) {
    if (!existsSync(join(folder, path))) await writeFileAtomic(join(folder, path), bytes);
  }
  await writeFileAtomic(paths.markdown, renderMarkdown(results, pictures));
  await writeFileAtomic(paths.html, renderHtml(results, frames, pictures));
  return paths;
}
