/** Exit codes (contract.md, "Exit codes"). */
export const EXIT = {
  holds: 0,
  doesNotHold: 1,
  usage: 2,
  undetermined: 3,
  unreadable: 4,
  defect: 70,
  interrupted: 130,
} as const;

export type ExitName = keyof typeof EXIT;

/** Stable code of an error that a user can cause → the exit code it ends with. */
export const ERROR_EXIT = {
  XOS_IMAGE_NOT_FOUND: 'unreadable',
  XOS_IMAGE_DAMAGED: 'unreadable',
  XOS_NOT_AN_IMAGE: 'unreadable',
  XOS_NO_SUCH_PLATFORM: 'unreadable',
  XOS_NO_PERMISSION: 'unreadable',
  XOS_SOURCE_UNSUPPORTED: 'unreadable',
  XOS_LIMIT: 'unreadable',
  XOS_NO_SUCH_HOST: 'usage',
  XOS_PROFILE_DAMAGED: 'usage',
  XOS_RULE_DAMAGED: 'usage',
  XOS_NO_SUCH_RULE: 'usage',
  XOS_NO_SUCH_PATH: 'usage',
  XOS_USAGE: 'usage',
  XOS_CONFIG: 'usage',
  XOS_OUTPUT: 'usage',
} as const satisfies Record<string, ExitName>;

export type XosErrorCode = keyof typeof ERROR_EXIT;

/** A mistake of the operator, or an image that cannot be read at all. oclif prints message, code and suggestions. */
export class XosError extends Error {
  readonly code: XosErrorCode;
  readonly suggestions: string[];
  readonly oclif: { exit: number };
  constructor(code: XosErrorCode, message: string, options: { suggestions?: readonly string[]; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'Error';
    this.code = code;
    this.suggestions = [...(options.suggestions ?? [])];
    this.oclif = { exit: EXIT[ERROR_EXIT[code]] };
  }
}
