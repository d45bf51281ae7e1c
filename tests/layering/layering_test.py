"""The house rules that can be read from the files alone: which way includes point, where heavy headers may
stand, how long a file may be, what lies at the top level, which words have no place in the tree."""

import os
import re
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# The rooms of src/, tier by tier: a room may include its own files and those of lower tiers, no neighbour's.
TIERS = [{"base"}, {"record"}, {"rows"}, {"net", "input", "process", "queue"}, {"seal"},
         {"stats", "sinks", "stage", "spool"}, {"settings", "tap"}, {"delivery"},
         {"assembly"}]
# Beside that, statistics copy what the stages counted.
NEIGHBOURS = {("stats", "stage")}
# What the program and the settings' surfaces must reach through assembly/ship.hpp alone.
BEHIND_THE_ASSEMBLY = {"delivery", "queue", "stage", "spool", "tap"}
# Folders within a room: none knows another, and of the room's own files these alone know them.
KNOW_THE_FOLDERS = {"sinks": {"src/sinks/sink_types.cpp"},
                    "stage": {"src/stage/pipeline.cpp", "src/stage/pipeline.hpp", "src/stage/stage_settings.hpp"},
                    "input": {"src/input/readers.hpp"},
                    "net": set(),
                    "stats": set()}

# Each heavy header is known to one source file; the pattern matches what stands between the brackets.
HEAVY = {
    "CLI11": (r"CLI/", "cli/"),
    "toml++": (r"toml\+\+/|toml\.hpp", "config/"),
    "simdjson": (r"simdjson", "src/"),
    "libcurl": (r"curl/", "src/"),
    "libmicrohttpd": (r"microhttpd", "src/"),
    "librdkafka": (r"librdkafka/", "src/"),
    "libpq": (r"libpq-fe", "src/"),
    "vectorscan": (r"hs/hs|hs\.h", "src/"),
    "prometheus-cpp": (r"prometheus/", "src/"),
}
# The probe takes simdjson's first stage only, fields its whole parser: two nouns. Of libcurl, retry_after takes the parser
# of dates. Of librdkafka, whose header is light,
# the settings, the codes, the client, the producer over it and the probe are five.
HEAVY_IN_SEVERAL = {"simdjson": ["src/record/field.cpp", "src/record/probe.cpp"],
                    "libcurl": ["src/net/http_client.cpp", "src/net/retry_after.cpp"],
                    "librdkafka": [f"src/sinks/kafka/kafka_{noun}.cpp" for noun in
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
    target_room, target_folder = room_of(target)
    if house != "src":
        if target_room in BEHIND_THE_ASSEMBLY:
            return f"{house} reaches {target_room} through assembly/ship.hpp"
        return None
    room, folder = room_of(path)
    if tier_of(room) is None or tier_of(target_room) is None:
        return f"the folder is no room; the rooms are {', '.join(sorted(set().union(*TIERS)))}"
    if room == target_room:
        return between_folders(path, room, folder, target_folder)
    if tier_of(target_room) < tier_of(room) or (room, target_room) in NEIGHBOURS:
        return None
    return f"{room} must not know {target_room}"


def between_folders(path, room, folder, target_folder):
    """Why a file of `folder` of a room (none: the room itself) may not include one of `target_folder`."""
    if target_folder in (None, folder) or path in KNOW_THE_FOLDERS.get(room, ()):
        return None
    return f"{room}/{folder or ''} must not know {room}/{target_folder}"


def room_of(path):
    """("sinks", "loki") for src/sinks/loki/…, ("queue", None) for src/queue/…, (None, None) outside a room."""
    parts = path.split("/")
    if parts[0] != "src" or len(parts) < 3:
        return None, None
    return parts[1], parts[2] if len(parts) > 3 else None


def tier_of(room):
    return next((height for height, rooms in enumerate(TIERS) if room in rooms), None)


class ThisTree(unittest.TestCase):
    def test_keeps_the_house_rules(self):
        self.assertEqual([], violations(ROOT))


class PlantedViolations(unittest.TestCase):
    """Each rule is shown to bite: a clean little tree, and one thing wrong in it."""

    CLEAN = {
        "README.md": "A tree.\n", ".ci/run": "true\n",
        "src/assembly/ship.hpp": '#pragma once\n#include "delivery/lane.hpp"\n#include "settings/settings.hpp"\n',
        "src/settings/settings.hpp": '#pragma once\n#include "queue/queue_settings.hpp"\n',
        "src/queue/queue_settings.hpp": '#pragma once\n#include "rows/setting.hpp"\n',
        "src/rows/setting.hpp": '#pragma once\n#include "record/record.hpp"\n',
        "src/delivery/lane.hpp": '#pragma once\n#include "queue/queue.hpp"\n#include "settings/settings.hpp"\n',
        "src/sinks/sink_types.cpp": '#include "sinks/loki/loki_sink.hpp"\n',
        "src/sinks/loki/loki_sink.hpp": '#pragma once\n#include "sinks/sink.hpp"\n',
        "src/sinks/sink.hpp": '#pragma once\n#include "record/record.hpp"\n',
        "src/queue/queue.hpp": '#pragma once\n#include <vector>\n#include "record/record.hpp"\n',
        "src/record/record.hpp": '#pragma once\n#include "base/fd.hpp"\n',
        "src/record/probe.cpp": "#include <simdjson.h>\n",
        "src/base/fd.hpp": "#pragma once\n// perror( in a comment is no print\nint snprintf(char*);\n",
        "config/loader.hpp": '#pragma once\n#include "settings/settings.hpp"\n',
        "cli/main.cpp": '#include <cstdio>\n#include "config/loader.hpp"\n#include "assembly/ship.hpp"\n'
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

    def test_settings_and_the_rooms_below_them(self):
        self.check("src/record/record.hpp", '#pragma once\n#include "settings/settings.hpp"\n', "record must not know settings")
        self.check("src/rows/setting.hpp", '#pragma once\n#include "queue/queue.hpp"\n', "rows must not know queue")
        self.check("src/queue/queue.hpp", '#pragma once\n#include "settings/settings.hpp"\n', "queue must not know settings")
        self.check("src/settings/settings.hpp", '#pragma once\n#include "delivery/lane.hpp"\n', "settings must not know delivery")
        self.check("src/queue/queue.cpp", '#include "assembly/ship.hpp"\n', "queue must not know assembly")

    def test_no_destination_knows_another(self):
        self.check("src/sinks/file/file_sink.cpp", '#include "sinks/loki/loki_sink.hpp"\n',
                   "sinks/file must not know sinks/loki")

    def test_what_destinations_share_knows_none_of_them(self):
        self.check("src/sinks/sink.hpp", '#pragma once\n#include "sinks/loki/loki_sink.hpp"\n', "must not know sinks/loki")

    def test_neighbours_do_not_know_each_other(self):
        self.check("src/stage/pipeline.cpp", '#include "sinks/sink.hpp"\n', "stage must not know sinks")
        self.check("src/net/http_client.cpp", '#include "queue/queue.hpp"\n', "net must not know queue")

    def test_the_program_goes_through_the_assembly(self):
        self.check("cli/main.cpp", '#include "queue/queue.hpp"\n', "through assembly/ship.hpp")

    def test_an_include_that_leads_nowhere_or_up(self):
        self.check("src/queue/queue.cpp", '#include "queue.hpp"\n', "written from the root")
        self.check("src/queue/queue.cpp", '#include "../queue/queue.hpp"\n', "written from the root")

    def test_a_folder_that_is_no_room(self):
        self.check("src/misc/thing.hpp", '#pragma once\n#include "base/fd.hpp"\n', "is no room")

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
