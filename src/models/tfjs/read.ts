import { fail } from '../../common/errors.js';
import { inFile } from '../onnx/in-file.js';
import { messageType, type ModelMessage } from '../onnx/messages.js';
import type { Constant, Model } from '../onnx/model.js';
import { parseModel } from '../onnx/parse.js';
import { readTfjsFile, type TfjsFile } from './file.js';
import { graphDefOf, graphSchema, type GraphDef } from './graph-def.js';
import { graphOfLayers } from './layers/graph.js';
import { translate } from './translate.js';

/** A model of TensorFlow.js, read. */
export interface TfjsModel {
  kind: 'graph' | 'layers';
  /** The graph as an ONNX model, operations that are not translated included, as it is written. */
  message: ModelMessage;
  /** The same, to be run. */
  model: Model;
}

/** Reads a GraphModel or LayersModel and translates it to ONNX. @throws E_TFJS_FILE */
export async function readTfjs(path: string): Promise<TfjsModel> {
  const file = readTfjsFile(path);
  const { graph, weights } = file.kind === 'layers' ? await graphOfLayers(file, path) : readGraph(file, path);
  const message = translate(graph, weights);
  return { kind: file.kind, message, model: parseModel(messageType('ModelProto').encode(message).finish(), path) };
}

interface Translatable {
  graph: GraphDef;
  weights: ReadonlyMap<string, Constant>;
}

function readGraph({ json, weights }: TfjsFile, path: string): Translatable {
  const { data, error } = graphSchema.safeParse(json);
  if (!data)
    fail('E_TFJS_FILE', {
      where: path,
      expected: 'nodes with names and operations',
      got: `${error.issues[0]!.path.join('.')}: ${error.issues[0]!.message}`,
    });
  return { graph: inFile(path, () => graphDefOf(data)), weights: weights.constants };
}
