/** Bounds on what an image may make us follow. Reaching one is a sentence in `notFollowed`, never silence. */

/** Programs of one start path. */
export const MAX_PROGRAMS = 256;
/** Files that runtimes are told to run. */
export const MAX_FILES = 256;
/** Programs that lead to one another. */
export const MAX_CHAIN = 24;
/** Scripts that name each other by `#!`; the kernel answers ELOOP beyond (Linux fs/exec.c, `bprm->recursion_depth`). */
export const MAX_SCRIPT_DEPTH = 5;
/** Sentences that are kept of what could not be followed. */
export const MAX_NOT_FOLLOWED = 64;
/** Commands that are looked at in all scripts together. */
export const MAX_COMMANDS = 5000;
/** Characters of one script that are read. */
export const MAX_SCRIPT_CHARACTERS = 256 * 1024;
/** Nested lists, branches and substitutions in one script. */
export const MAX_NESTING = 48;
/** Functions that call each other, and scripts that read each other with `.`. */
export const MAX_CALLS = 12;
/** Words of one command line. */
export const MAX_WORDS = 1024;
/** Characters of one word after expansion, and of all fields that it splits into. */
export const MAX_WORD_CHARACTERS = 16 * 1024;
/** Characters of one command line after expansion that count as one command of MAX_COMMANDS. */
export const CHARACTERS_A_COMMAND = 4096;
/** Characters of a text, and elements of a pattern, that are compared: 65,536 steps at most for each of MAX_COMMANDS. */
export const MAX_PATTERN_CHARACTERS = 256;
/** Command substitutions inside of each other whose output is worked out. */
export const MAX_SUBSTITUTIONS = 4;
/** Binaries of an image whose closure is worked out although nothing is known to load them. */
export const MAX_PRESENT_CLOSURES = 6000;
/** Objects, and names that they need, in the closures of all binaries beside the start path. */
export const MAX_CLOSURE_OBJECTS = 1_000_000;
/** Binaries beside the start path that are told one by one: hard links make a hundred thousand of one file. */
export const MAX_PRESENT_BINARIES = 30_000;
