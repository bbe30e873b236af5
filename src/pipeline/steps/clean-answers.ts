import type { Collated } from '../../tasks/arrays.js';
import { buffersOf } from '../../tasks/arrays.js';

/** How much memory answers may keep, in bytes. */
const LIMIT = 2 ** 28;

/**
 * A base's answers for clean pictures, made once for all steps of a run that compare answers with them. The oldest are dropped where they come to
 * more than 256 MB; they are then made anew.
 */
export class CleanAnswers {
  private readonly known = new Map<string, { answers: Collated[]; bytes: number }>();

  constructor(private readonly limit = LIMIT) {}

  /**
   * @param key says all that the answers depend on
   * @throws what `make` throws, and nothing is kept
   */
  async of(key: string, make: () => Promise<Collated[]>): Promise<Collated[]> {
    const found = this.known.get(key);
    if (found) return found.answers;
    const answers = await make();
    const buffers = new Set(answers.flatMap(buffersOf));
    const bytes = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
    this.known.set(key, { answers, bytes });
    this.drop();
    return answers;
  }

  private drop(): void {
    let held = [...this.known.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [key, { bytes }] of this.known) {
      if (held <= this.limit) return;
      this.known.delete(key);
      held -= bytes;
    }
  }
}
