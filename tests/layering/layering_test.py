"""The house rules that can be read from the files alone: which way includes point, where heavy headers may
stand, how long a file may be, what lies at the top level, which words have no place in the tree."""

import os
import re
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# An include may go to the same folder or to one further right.
LAYERS = ["delivery", "sinks", "stats", "queue", "stage", "input", "record", "base"]
# Included from anywhere but these; itself it may include only these.
BELOW_SETTINGS = {"base", "record"}
# What the program and the settings must reach through ship.hpp alone.
BEHIND_THE_ASSEMBLY = {"delivery", "queue", "stage"}

# Each heavy header is known to one source file; the pattern matches what stands between the brackets.
HEAVY = {
    "CLI11": (r"CLI/", "cli/"),
    "toml++": (r"toml\+\+/|toml\.hpp", "config/"),
    "simdjson": (r"simdjson", "src/"),
    "libcurl": (r"curl/", "src/"),
    "libmicrohttpd": (r"microhttpd", "src/"),
    "librdkafka": (r"librdkafka/", "src/"),
    "vectorscan": (r"hs/hs|hs\.h", "src/"),
    "prometheus-cpp": (r"prometheus/", "src/"),
}
# The probe takes simdjson's first stage only, fields its whole parser: two nouns. Of librdkafka, whose header is light,
# the settings, the codes, the client, the producer over it and the probe are five.
HEAVY_IN_SEVERAL = {"simdjson": ["src/record/field.cpp", "src/record/probe.cpp"],
                    "librdkafka": [f"src/sinks/kafka_{noun}.cpp" for noun in
                                   ("answer", "client", "probe", "producer", "properties")]}
UNWANTED_HEADERS = {"format": "needs a newer compiler", "ranges": "no range views",
                    "iostream": "the library prints nothing"}

MAX_LINES = 400
TOP_LEVEL = {"src", "cli", "config", "tests", "completions", "packaging", "CMakeLists.txt", "CMakePresets.json",
             "README.md", "CHANGELOG.md", "LICENSE"}
IGNORED = {".git", "build", "__pycache__", "compile_commands.json"}

# Written in pieces, so that this file does not contain them.
UNWANTED_WORDS = [re.compile(word, re.IGNORECASE) for word in (
    "/wor" r"k/", r"deb\.deb" r"ian\.org", r"pyp" r"i\.org", r"crates" r"\.io", r"proxy\.gol" r"ang\.org",
    r"registry\.npm" r"js\.org", r"maven\.org" r"/maven2")]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SPEAKS = re.compile(r"\bstd::(cout|cerr|clog)\b|(?<![\w.:>])(std::)?(printf|fprintf|puts|fputs|putchar|perror)\s*\(")
ENDS = re.compile(r"(?<![\w.>])(std::)?(exit|abort|quick_exit|terminate)\s*\(")


def files_of(root):
    """Paths of all files, relative to the root, with forward slashes."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in IGNORED)
        for name in sorted(names):
            if name not in IGNORED and not name.endswith(".pyc"):
                yield os.path.relpath(os.path.join(folder, name), root)


def violations(root):
    """One line of text for each rule that is broken: file, line, what is wrong."""
    found = []
    heavy_users = {}
    paths = list(files_of(root))
    for entry in sorted({path.split("/")[0] for path in paths}):
        if entry not in TOP_LEVEL and not entry.startswith("."):
            found.append(f"{entry}: does not belong at the top level")
    for path in paths:
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
            lines = file.read().split("\n")
        if not path.startswith("tests/data/"):
            found += unwanted_words(path, lines)
        if path.split("/")[0] in ("src", "cli", "config") and path.endswith((".cpp", ".hpp")):
            found += shape(path, lines)
            found += includes(root, path, lines, heavy_users)
    for library, users in sorted(heavy_users.items()):
        if len(users) > 1 and sorted(users) != HEAVY_IN_SEVERAL.get(library):
            found.append(f"{library}: only one source file may include it, found {', '.join(users)}")
    return found


def unwanted_words(path, lines):
    for number, line in enumerate(lines, 1):
        for word in UNWANTED_WORDS:
            match = word.search(line)
            if match:
                yield f"{path}:{number}: '{match.group()}' has no place in the tree"


def shape(path, lines):
    """Names, length, and that the library neither prints nor ends the program."""
    name = os.path.basename(path)
    if not re.fullmatch(r"[a-z0-9_]+\.[ch]pp", name):
        yield f"{path}: file names are snake_case"
    if re.search(r"util|helper", name):
        yield f"{path}: name the noun that this file serves"
    if len(lines) - 1 > MAX_LINES:
        yield f"{path}: {len(lines) - 1} lines; past {MAX_LINES} there is a second noun to be found"
    if path.endswith(".hpp") and "#pragma once" not in lines:
        yield f"{path}: #pragma once is missing"
    if not path.startswith("src/"):
        return
    for number, line in enumerate(lines, 1):
        code = line.split("//")[0]
        if SPEAKS.search(code):
            yield f"{path}:{number}: the library prints nothing"
        if ENDS.search(code):
            yield f"{path}:{number}: the library never ends the program"


def includes(root, path, lines, heavy_users):
    """Checks each include of one file; notes in `heavy_users` who knows which heavy header."""
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quoted, target = match.group(1) == '"', match.group(2)
        where = f"{path}:{number}"
        for library, (pattern, home) in HEAVY.items():
            if re.match(pattern, target):
                if path not in heavy_users.setdefault(library, []):
                    heavy_users[library].append(path)
                if not path.startswith(home) or not path.endswith(".cpp"):
                    yield f"{where}: {library} belongs in one .cpp below {home}"
        if not quoted:
            if target in UNWANTED_HEADERS and (target != "iostream" or path.startswith("src/")):
                yield f"{where}: <{target}>: {UNWANTED_HEADERS[target]}"
            continue
        if any(re.match(pattern, target) for pattern, _ in HEAVY.values()):
            continue
        reason = arrow(root, path, target)
        if reason:
            yield f"{where}: {target}: {reason}"


def arrow(root, path, target):
    """Why `path` may not include "target", or nothing."""
    if os.path.exists(os.path.join(root, "src", target)):
        target = "src/" + target
    elif not os.path.exists(os.path.join(root, target)) or "/" not in target or ".." in target:
        return "includes are written from the root of src, or begin with config/ or cli/"
    house, target_house = path.split("/")[0], target.split("/")[0]
    order = ["cli", "config", "src"]
    if target_house not in order or order.index(target_house) < order.index(house):
        return f"{house} must not know {target_house}"
    layer, target_layer = layer_of(path), layer_of(target)
    if house != "src":
        if target_layer in BEHIND_THE_ASSEMBLY:
            return f"{house} reaches {target_layer} through ship.hpp"
        return None
    if layer == "ship" or layer == target_layer:
        return None
    if target_layer == "ship":
        return "nothing in the library knows the assembly"
    if target_layer == "settings":
        return f"{layer} does not know the settings" if layer in BELOW_SETTINGS else None
    if layer == "settings":
        return None if target_layer in BELOW_SETTINGS else "settings know only base and record"
    if layer not in LAYERS or target_layer not in LAYERS:
        return f"the folder is no layer; the layers are {', '.join(LAYERS)}"
    if LAYERS.index(target_layer) < LAYERS.index(layer):
        return f"{layer} must not know {target_layer}"
    return None


def layer_of(path):
    """"queue" for src/queue/…; "settings" and "ship", the assembly, for the files of the root of src; else none."""
    parts = path.split("/")
    if parts[0] != "src":
        return None
    if len(parts) > 2:
        return parts[1]
    return "settings" if parts[1].split(".")[0] == "settings" else "ship"


class ThisTree(unittest.TestCase):
    def test_keeps_the_house_rules(self):
        self.assertEqual([], violations(ROOT))


class PlantedViolations(unittest.TestCase):
    """Each rule is shown to bite: a clean little tree, and one thing wrong in it."""

    CLEAN = {
        "README.md": "A tree.\n", ".ci/run": "true\n",
        "src/assembly/ship.hpp": '#pragma once\n#include "delivery/lane.hpp"\n#include "settings.hpp"\n',
        "src/settings/settings.hpp": '#pragma once\n#include "record/record.hpp"\n',
        "src/delivery/lane.hpp": '#pragma once\n#include "queue/queue.hpp"\n#include "settings.hpp"\n',
        "src/queue/queue.hpp": '#pragma once\n#include <vector>\n#include "record/record.hpp"\n',
        "src/record/record.hpp": '#pragma once\n#include "base/fd.hpp"\n',
        "src/record/probe.cpp": "#include <simdjson.h>\n",
        "src/base/fd.hpp": "#pragma once\n// perror( in a comment is no print\nint snprintf(char*);\n",
        "config/loader.hpp": '#pragma once\n#include "settings.hpp"\n',
        "cli/main.cpp": '#include <cstdio>\n#include "config/loader.hpp"\n#include "ship.hpp"\n'
                        'int main() { printf("hello"); }\n',
    }

    def broken(self, path, text):
        """What is said of the clean tree when `path` holds `text` instead."""
        with tempfile.TemporaryDirectory() as root:
            for name, content in {**self.CLEAN, path: text}.items():
                full = os.path.join(root, name)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as file:
                    file.write(content)
            return violations(root)

    def check(self, path, text, expected):
        found = self.broken(path, text)
        self.assertEqual(1, len(found), found)
        self.assertIn(expected, found[0])

    def test_the_clean_tree_is_clean(self):
        self.assertEqual([], self.broken("README.md", "A tree.\n"))

    def test_an_arrow_that_runs_back(self):
        self.check("src/queue/queue.hpp", '#pragma once\n#include "delivery/lane.hpp"\n', "queue must not know delivery")
        self.check("src/base/fd.hpp", '#pragma once\n#include "record/record.hpp"\n', "base must not know record")

    def test_the_library_knows_neither_program_nor_settings_files(self):
        self.check("src/queue/queue.cpp", '#include "config/loader.hpp"\n', "src must not know config")
        self.check("config/loader.cpp", '#include "cli/options.hpp"\n', "includes are written from the root")
        self.check("config/loader.cpp", '#include "cli/main.cpp"\n', "config must not know cli")

    def test_settings_and_the_layers_below_them(self):
        self.check("src/record/record.hpp", '#pragma once\n#include "settings.hpp"\n', "record does not know the settings")
        self.check("src/settings/settings.hpp", '#pragma once\n#include "queue/queue.hpp"\n', "settings know only")
        self.check("src/queue/queue.cpp", '#include "ship.hpp"\n', "nothing in the library knows the assembly")

    def test_the_program_goes_through_the_assembly(self):
        self.check("cli/main.cpp", '#include "queue/queue.hpp"\n', "through ship.hpp")

    def test_an_include_that_leads_nowhere_or_up(self):
        self.check("src/queue/queue.cpp", '#include "queue.hpp"\n', "written from the root")
        self.check("src/queue/queue.cpp", '#include "../queue/queue.hpp"\n', "written from the root")

    def test_a_folder_that_is_no_layer(self):
        self.check("src/misc/thing.hpp", '#pragma once\n#include "base/fd.hpp"\n', "is no layer")

    def test_heavy_headers(self):
        self.check("src/record/other.cpp", "#include <simdjson.h>\n", "only one source file")
        self.check("src/queue/queue.hpp", "#pragma once\n#include <curl/curl.h>\n", "libcurl belongs in one .cpp")
        self.check("config/loader.hpp", "#pragma once\n#include <CLI/CLI.hpp>\n", "CLI11 belongs in one .cpp below cli/")

    def test_headers_of_newer_compilers(self):
        self.check("cli/main.cpp", "#include <format>\n", "<format>")

    def test_the_library_prints_nothing_and_ends_nothing(self):
        self.check("src/queue/queue.cpp", 'void f() { std::printf("x"); }\n', "prints nothing")
        self.check("src/queue/queue.cpp", "void f() { std::cerr << 1; }\n", "prints nothing")
        self.check("src/queue/queue.cpp", "void f() { exit(1); }\n", "never ends the program")

    def test_long_files(self):
        self.assertEqual([], self.broken("src/queue/queue.cpp", "int a;\n" * MAX_LINES))
        self.check("src/queue/queue.cpp", "int a;\n" * (MAX_LINES + 1), "401 lines")

    def test_names(self):
        self.check("src/queue/BigQueue.cpp", "int a;\n", "snake_case")
        self.check("src/queue/string_utils.cpp", "int a;\n", "name the noun")

    def test_a_header_without_its_guard(self):
        self.check("src/queue/queue.hpp", "int a;\n", "#pragma once")

    def test_the_top_level(self):
        self.check("docs/page.md", "text\n", "docs: does not belong at the top level")
        self.check("notes.txt", "text\n", "notes.txt: does not belong")

    def test_words(self):
        self.check("README.md", "See /wor" "k/main for more.\n", "has no place in the tree")


if __name__ == "__main__":
    unittest.main()
