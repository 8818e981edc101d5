"""Prints what pefile reads of each PE file named on standard input, one JSON object a line."""

import json
import sys
from xml.etree import ElementTree

import pefile

# Limits of pefile that real files pass.
pefile.MAX_IMPORT_SYMBOLS = 1 << 20
pefile.MAX_SYMBOL_NAME_LENGTH = 1 << 16
pefile.MAX_STRING_LENGTH = 1 << 20
pefile.MAX_IMPORT_NAME_LENGTH = 1 << 16

DIRECTORIES = [
    pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_" + name]
    for name in ("EXPORT", "IMPORT", "DELAY_IMPORT", "RESOURCE", "LOAD_CONFIG")
]


def text(value):
    return None if value is None else value.decode("utf-8", "replace")


def imports(pe, name):
    return [
        {
            "dll": text(entry.dll),
            "names": ["#%d" % one.ordinal if one.import_by_ordinal else text(one.name) for one in entry.imports],
        }
        for entry in getattr(pe, name, [])
    ]


def exports(pe):
    directory = getattr(pe, "DIRECTORY_ENTRY_EXPORT", None)
    if directory is None:
        return None, []
    found = [[one.ordinal, text(one.name), text(one.forwarder)] for one in directory.symbols if one.address]
    return text(directory.name), found


def elements(tree, name):
    return [one for one in tree.iter() if isinstance(one.tag, str) and one.tag.split("}")[-1] == name]


def manifest(pe):
    """What the XML reader of Python finds in the first manifest; "untidy" where that is no XML."""
    for kind in getattr(getattr(pe, "DIRECTORY_ENTRY_RESOURCE", None), "entries", []):
        if kind.id != 24:
            continue
        data = kind.directory.entries[0].directory.entries[0].data.struct
        try:
            tree = ElementTree.fromstring(pe.get_data(data.OffsetToData, data.Size).rstrip(b"\0"))
        except ElementTree.ParseError:
            return "untidy"
        levels = [one.get("level") for one in elements(tree, "requestedExecutionLevel")]
        identities = [
            one for dependent in elements(tree, "dependentAssembly") for one in elements(dependent, "assemblyIdentity")
        ]
        return {
            "dependencies": [
                {
                    "name": one.get("name"),
                    "version": one.get("version"),
                    "architecture": one.get("processorArchitecture"),
                }
                for one in identities
            ],
            "executionLevel": levels[0] if levels else None,
            "supportedOs": [one.get("Id") for one in elements(tree, "supportedOS")],
        }
    return None


def facts(path):
    pe = pefile.PE(path, fast_load=True, max_symbol_exports=1 << 20)
    pe.parse_data_directories(directories=DIRECTORIES)
    name, exported = exports(pe)
    optional = pe.OPTIONAL_HEADER
    chpe = 0
    if optional.Magic == 0x20B and hasattr(pe, "DIRECTORY_ENTRY_LOAD_CONFIG"):
        at = optional.DATA_DIRECTORY[10].VirtualAddress
        size = pe.get_dword_at_rva(at)
        if size >= 208:
            chpe = pe.get_qword_at_rva(at + 200)
    return {
        "path": path,
        "machine": pe.FILE_HEADER.Machine,
        "characteristics": pe.FILE_HEADER.Characteristics,
        "pe32plus": optional.Magic == 0x20B,
        "subsystem": optional.Subsystem,
        "subsystemVersion": "%d.%d" % (optional.MajorSubsystemVersion, optional.MinorSubsystemVersion),
        "osVersion": "%d.%d" % (optional.MajorOperatingSystemVersion, optional.MinorOperatingSystemVersion),
        "imports": imports(pe, "DIRECTORY_ENTRY_IMPORT"),
        "delayImports": imports(pe, "DIRECTORY_ENTRY_DELAY_IMPORT"),
        "exportName": name,
        "exports": exported,
        "manifest": manifest(pe),
        "managed": len(optional.DATA_DIRECTORY) > 14 and optional.DATA_DIRECTORY[14].VirtualAddress != 0,
        "hybrid": chpe != 0,
    }


for line in sys.stdin:
    path = line.rstrip("\n")
    try:
        print(json.dumps(facts(path)), flush=True)
    except pefile.PEFormatError as error:
        print(json.dumps({"path": path, "refused": str(error)}), flush=True)
