import type { ClrHeader, PeBinary } from '../model/binary.js';
import type { FactTree } from '../model/rule.js';
import { isPortable } from './machines.js';

/** Facts that only PE files have, as `null` for others. */
export const NO_PE_FACTS: FactTree = {
  subsystem: null,
  'subsystem-version': null,
  hybrid: null,
  'native-code': null,
  clr: null,
};

export function peFacts(binary: PeBinary): FactTree {
  return {
    subsystem: binary.subsystem,
    'subsystem-version': binary.subsystemVersion,
    hybrid: binary.hybrid,
    'native-code': !isPortable(binary),
    clr: binary.clr === null ? null : clrFacts(binary.clr),
  };
}

function clrFacts(clr: ClrHeader): FactTree {
  const modules = clr.pinvokeModules.map((name) => name.toLowerCase());
  return {
    'any-cpu': clr.anyCpu,
    'requires-32-bit': clr.requires32Bit,
    'metadata-version': clr.metadataVersion,
    'target-framework': clr.targetFramework,
    'pinvoke-modules': modules,
    'pinvoke-windows': modules.filter((name) => WINDOWS_ONLY.has(name.replace(/\.(dll|drv)$/, ''))),
  };
}

/** System libraries that exist on Windows only, without extension (.NET looks for them with and without it). */
const WINDOWS_ONLY: ReadonlySet<string> = new Set([
  'kernel32',
  'kernelbase',
  'ntdll',
  'user32',
  'gdi32',
  'advapi32',
  'shell32',
  'shlwapi',
  'ole32',
  'oleaut32',
  'ws2_32',
  'netapi32',
  'psapi',
  'crypt32',
  'bcrypt',
  'ncrypt',
  'secur32',
  'winspool',
  'wtsapi32',
  'userenv',
  'iphlpapi',
  'dbghelp',
  'setupapi',
  'version',
  'winmm',
  'wininet',
  'winhttp',
  'uxtheme',
  'dwmapi',
  'comctl32',
  'comdlg32',
  'msi',
  'mscoree',
]);
