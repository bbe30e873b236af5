import { join } from 'node:path';
import { writeFileAtomic } from '../common/files.js';
import type { FrameExample } from './frames.js';
import { renderHtml } from './html/page.js';
import { renderMarkdown } from './markdown.js';
import type { Results } from './results.js';

/** Where a report's pages were written. */
export interface ReportPaths {
  markdown: string;
  html: string;
}

/** Writes `report.md` and `report.html` into a folder, each whole or not at all. */
export async function writeReport(
  folder: string,
  results: Results,
  frames: readonly FrameExample[] = [],
): Promise<ReportPaths> {
  const paths = { markdown: join(folder, 'report.md'), html: join(folder, 'report.html') };
  await writeFileAtomic(paths.markdown, renderMarkdown(results));
  await writeFileAtomic(paths.html, renderHtml(results, frames));
  return paths;
}
