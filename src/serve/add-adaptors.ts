import { type BrokenAdaptor, listAdaptors } from '../adaptor/list.js';
import { settle } from '../common/outcome.js';

/**
 * Adds the adaptors of a folder one by one.
 *
 * @param add makes one resident
 * @param onBroken is given each that cannot be, which is left out then
 * @throws without `onBroken` the first fault
 */
export async function addAdaptors(
  folder: string,
  add: (folder: string) => Promise<unknown>,
  onBroken?: (broken: BrokenAdaptor) => void,
): Promise<void> {
  for (const adaptor of await listAdaptors(folder, onBroken)) {
    const error = await settle(() => add(adaptor.folder));
    if (!(error instanceof Error)) continue;
    if (!onBroken) throw error;
    onBroken({ ...adaptor, error });
  }
}
