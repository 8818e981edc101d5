import { LineCounter, parseDocument, isMap, isNode, isScalar, visit, type Document } from 'yaml';
import { err, ok, type Result } from '../model/result.js';
import { readShape, type Path, type Shape, type ShapeProblem } from './shape.js';

/** What is wrong with a data file, with the place; lines and columns count from 1. */
export interface ProfileError {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A data file that was read: its value with keys in camelCase, and the places of its parts. */
export interface ReadDocument {
  readonly value: unknown;
  /** The error for a problem found later, at the place that the path names. */
  readonly errorAt: (path: Path, message: string) => ProfileError;
}

const MAX_TEXT_LENGTH = 262_144;
const MAX_DEPTH = 64;
/** A file of another kind has thousands; the first ones say as much. */
const MAX_ERRORS = 20;

/**
 * Reads YAML 1.2 or JSON and checks it against a shape. Aliases are refused: one line could stand for gigabytes. The
 * parser recurses where blocks are nested; its stack is the limit of what brackets do not show.
 */
export function readDocument(source: string, file: string, shape: Shape): Result<ReadDocument, ProfileError[]> {
  try {
    return readNested(source, file, shape);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    return err([{ file, line: 1, column: 1, message: 'lists and maps are nested too deeply' }]);
  }
}

function readNested(source: string, file: string, shape: Shape): Result<ReadDocument, ProfileError[]> {
  const at = (line: number, column: number, message: string): ProfileError => ({ file, line, column, message });
  if (source.length > MAX_TEXT_LENGTH) return err([at(1, 1, `longer than ${MAX_TEXT_LENGTH} characters`)]);
  const lines = new LineCounter();
  if (bracketDepth(source) > MAX_DEPTH) return err([at(1, 1, `nested more than ${MAX_DEPTH} levels deep`)]);
  // What the parser would only warn of on stderr is not a document of the right shape either, and said with its place.
  const options = {
    lineCounter: lines,
    prettyErrors: false,
    version: '1.2',
    schema: 'core',
    logLevel: 'error',
  } as const;
  const document = parseDocument(source, options);

  const place = (offset: number, message: string): ProfileError => {
    const { line, col } = lines.linePos(offset);
    return at(Math.max(line, 1), Math.max(col, 1), message);
  };
  const faults = document.errors.map((error) => place(error.pos[0], firstLine(error.message)));
  visit(document, {
    Alias: (_, node) => {
      faults.push(place(node.range?.[0] ?? 0, `alias \`*${node.source}\` is not allowed; write the value out`));
    },
  });
  if (faults.length > 0) return err(faults.slice(0, MAX_ERRORS));

  const problems: ShapeProblem[] = [];
  const value = readShape(document.toJS(), shape, [], { problems, sourceOf: (path) => sourceOf(document, path) });
  const errorOf = (problem: ShapeProblem): ProfileError => place(offsetOf(document, problem), pointed(problem));
  if (problems.length > 0) return err(problems.slice(0, MAX_ERRORS).map(errorOf));
  return ok({ value, errorAt: (path, message) => errorOf({ path, at: 'value', message }) });
}

/** Deepest nesting of brackets, those in quoted text counted too. The parser is recursive, so it must be bounded. */
function bracketDepth(source: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of source) {
    if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth--;
  }
  return deepest;
}

const firstLine = (message: string): string => message.split('\n', 1)[0] ?? message;

/** The message with the path before it, where the path says more than the line does. */
function pointed(problem: ShapeProblem): string {
  const where = problem.at === 'key' ? problem.path.slice(0, -1) : problem.path;
  return where.length === 0 ? problem.message : `${where.join('.')}: ${problem.message}`;
}

function sourceOf(document: Document, path: Path): string | undefined {
  const node = document.getIn(path, true);
  return isScalar(node) ? node.source : undefined;
}

function offsetOf(document: Document, problem: ShapeProblem): number {
  if (problem.at === 'key') {
    const parent: unknown = document.getIn(problem.path.slice(0, -1), true);
    const key = keyOffset(parent, problem.path[problem.path.length - 1]);
    if (key !== null) return key;
  }
  const node: unknown = problem.path.length === 0 ? document.contents : document.getIn(problem.path, true);
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

function keyOffset(parent: unknown, key: string | number | undefined): number | null {
  if (!isMap(parent)) return null;
  const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key);
  return isScalar(pair?.key) ? (pair.key.range?.[0] ?? null) : null;
}
