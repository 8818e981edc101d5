/** Why a JSON document is not what it should be. `path` is a JSON path: `$.layers[2].digest`. */
export interface DocumentError {
  readonly path: string;
  readonly expected: string;
  /** What stands there, cut to a few characters. */
  readonly found: string;
}

/** `$.layers[2].digest is 3, expected a digest` */
export function describeDocumentError(error: DocumentError): string {
  return `${error.path} is ${error.found}, expected ${error.expected}`;
}
