/**
 * Names that Windows always takes from its system directory, whatever lies beside the program: the registry key
 * `HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\KnownDLLs` of Windows 10 and later, and what its entries
 * bring into the object directory `\KnownDlls` with them.
 */
export const KNOWN_DLLS: ReadonlySet<string> = new Set([
  'advapi32.dll',
  'clbcatq.dll',
  'combase.dll',
  'comdlg32.dll',
  'coml2.dll',
  'difxapi.dll',
  'gdi32.dll',
  'gdiplus.dll',
  'imagehlp.dll',
  'imm32.dll',
  'kernel32.dll',
  'msctf.dll',
  'msvcrt.dll',
  'normaliz.dll',
  'nsi.dll',
  'ole32.dll',
  'oleaut32.dll',
  'psapi.dll',
  'rpcrt4.dll',
  'sechost.dll',
  'setupapi.dll',
  'shcore.dll',
  'shell32.dll',
  'shlwapi.dll',
  'user32.dll',
  'wldap32.dll',
  'ws2_32.dll',
  'bcrypt.dll',
  'bcryptprimitives.dll',
  'cfgmgr32.dll',
  'comctl32.dll',
  'crypt32.dll',
  'cryptsp.dll',
  'gdi32full.dll',
  'kernel.appcore.dll',
  'kernelbase.dll',
  'msasn1.dll',
  'msvcp_win.dll',
  'ntdll.dll',
  'powrprof.dll',
  'profapi.dll',
]);

/** A contract of the API set schema, not a file (Windows API sets, "API set contract names"). */
export const API_SET = /^(?:api|ext)-[a-z0-9-]+-l\d+-\d+-\d+(?:\.dll)?$/;

/** The C run-time library that is part of Windows 10 and Server 2016 and later: the system's copy always wins. */
export const SYSTEM_CRT = 'ucrtbase.dll';

/** Desktop DLLs that Nano Server has as forwarders to API sets, in a directory of their own. */
export const FORWARDERS = 'forwarders';

/** Largest number of DLLs in one process that are followed. */
export const MAX_MODULES = 2048;
