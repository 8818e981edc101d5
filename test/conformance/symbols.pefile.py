"""Prints, for each PE file of a folder, the imports that the DLL of that name in the folder does not export.

A line is a JSON object: the file, how many imports were looked at, and `dll!name` of those that are missing. API sets
are not looked into; a forwarder is followed to the DLL that it names, and believed where that is not in the folder.
"""

import json
import os
import re
import sys

import pefile

pefile.MAX_IMPORT_SYMBOLS = 1 << 20
pefile.MAX_SYMBOL_NAME_LENGTH = 1 << 16
pefile.MAX_STRING_LENGTH = 1 << 20
pefile.MAX_IMPORT_NAME_LENGTH = 1 << 16

NAMES = ("EXPORT", "IMPORT", "DELAY_IMPORT")
DIRECTORIES = [pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_" + name] for name in NAMES]
API_SET = re.compile(r"^(api|ext)-[a-z0-9-]+-l\d+-\d+-\d+(\.dll)?$")

folder = sys.argv[1]
by_name = {name.lower(): os.path.join(folder, name) for name in sorted(os.listdir(folder), reverse=True)}
tables = {}


def opened(path):
    pe = pefile.PE(path, fast_load=True, max_symbol_exports=1 << 20)
    pe.parse_data_directories(directories=DIRECTORIES)
    return pe


def exports(name):
    """Exports of a DLL by name and by ordinal, with their forwarders; None where it is not in the folder."""
    if name not in tables:
        tables[name] = None
        if name in by_name:
            directory = getattr(opened(by_name[name]), "DIRECTORY_ENTRY_EXPORT", None)
            found = {}
            for one in directory.symbols if directory else []:
                if one.address:
                    found["#%d" % one.ordinal] = one.forwarder
                    if one.name is not None:
                        found[one.name.decode("latin1")] = one.forwarder
            tables[name] = found
    return tables[name]


def defined(dll, name, depth=0):
    table = exports(dll)
    if table is None or depth > 16:
        return True
    if name not in table:
        return False
    if table[name] is None:
        return True
    target, _, symbol = table[name].decode("latin1").rpartition(".")
    target = target.lower()
    if API_SET.match(target):
        return True
    return defined(target if target.endswith(".dll") else target + ".dll", symbol, depth + 1)


for path in sorted(by_name.values()):
    try:
        pe = opened(path)
    except pefile.PEFormatError:
        continue
    count, missing = 0, []
    for kind in ("DIRECTORY_ENTRY_IMPORT", "DIRECTORY_ENTRY_DELAY_IMPORT"):
        for entry in getattr(pe, kind, []):
            dll = entry.dll.decode("latin1").lower()
            if API_SET.match(dll):
                continue
            for one in entry.imports:
                name = "#%d" % one.ordinal if one.import_by_ordinal else one.name.decode("latin1")
                count += 1
                if not defined(dll, name):
                    missing.append(dll + "!" + name)
    print(json.dumps({"file": os.path.basename(path), "imports": count, "missing": sorted(missing)}), flush=True)
