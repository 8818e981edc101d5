import type { ImageAnalysis } from '../model/analysis.js';
import type { Binary, Machine } from '../model/binary.js';
import type { StartProgram } from '../model/start.js';
import type { RouteImage } from './pair.js';

/** What routes ask of an image that was analysed. */
export function routeImageOf(analysis: ImageAnalysis): RouteImage {
  const { os, architecture, variant, osVersion } = analysis.image.platform;
  const program = analysis.start.programs.find((candidate) => binaryOf(candidate) !== null);
  return {
    os,
    architecture,
    variant,
    osVersion,
    machine: program === undefined ? null : machineOf(binaryOf(program)),
    program: program?.format ?? null,
  };
}

/** Binary at the end of the chain of scripts: the first that the kernel, or an emulator, executes itself. */
function binaryOf(program: StartProgram): Binary | null {
  if (!program.lookup.found) return null;
  const { content } = program.lookup.entry;
  return content?.kind === 'binary' ? content.binary : null;
}

/** Managed code runs on whatever machine its runtime is for, so it says nothing. */
function machineOf(binary: Binary | null): Machine | null {
  return binary === null || binary.machine === 'cil' || binary.machine === 'bpf' ? null : binary.machine;
}
