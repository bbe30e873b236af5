import { fail } from '../../common/errors.js';
import type { ModelMessage } from '../onnx/messages.js';
import { readTfjsFile } from './file.js';
import { graphDefOf, graphSchema } from './graph-def.js';
import { translate } from './translate.js';

/** A model of TensorFlow.js, read. */
export interface TfjsModel {
  kind: 'graph' | 'layers';
  /** The graph as an ONNX model, operations that are not translated included. */
  message: ModelMessage;
}

/** Reads a GraphModel or LayersModel and translates it to ONNX. @throws E_TFJS_FILE */
export async function readTfjs(path: string): Promise<TfjsModel> {
  const file = readTfjsFile(path);
  if (file.kind === 'layers') {
    const { graphOfLayers } = await import('./layers/graph.js');
    const { graph, weights } = await graphOfLayers(file, path);
    return { kind: file.kind, message: translate(graph, weights) };
  }
  const { data, error } = graphSchema.safeParse(file.json);
  if (!data)
    fail('E_TFJS_FILE', {
      where: path,
      expected: 'nodes with names and operations',
      got: `${error.issues[0]!.path.join('.')}: ${error.issues[0]!.message}`,
    });
  return { kind: file.kind, message: translate(graphDefOf(data), file.weights.constants) };
}
