"""What packaging/hardening.cmake asks for is in the programs that users get: rules for the tests of packages."""

import re

from packages import output


def headers(program):
    """Of each segment its flags, by its type."""
    return {kind: flags.replace(" ", "") for kind, flags in
            re.findall(r"^ +([A-Z_]+)(?: +0x[0-9a-f]+){5} ([RWE ]{3})", output("readelf", "-lW", program), re.M)}


class Hardened:
    """The rules, read back from the program `hardened` that came out of a package."""

    hardened = None

    def test_it_is_laid_out_anew_at_each_start(self):
        self.assertRegex(output("readelf", "-hW", self.hardened), r"Type: +DYN ")
        self.assertRegex(output("readelf", "-dW", self.hardened), r"\(FLAGS_1\).* PIE")

    def test_what_says_where_calls_go_is_written_once(self):
        self.assertIn("GNU_RELRO", headers(self.hardened))
        self.assertRegex(output("readelf", "-dW", self.hardened), r"\(FLAGS_1\).* NOW")

    def test_neither_stack_nor_data_are_run(self):
        found = headers(self.hardened)
        self.assertEqual("RW", found["GNU_STACK"])
        loaded = re.findall(r"^ +LOAD .* ([RWE ]{3}) 0x", output("readelf", "-lW", self.hardened), re.M)
        self.assertGreater(len(loaded), 2)
        self.assertEqual([], [flags for flags in loaded if "W" in flags and "E" in flags])
        self.assertNotIn("TEXTREL", output("readelf", "-dW", self.hardened))

    def test_buffers_are_watched(self):
        wanted = re.findall(r"UND (__\w+_chk|__stack_chk_fail)@", output("readelf", "--dyn-syms", "-W", self.hardened))
        self.assertIn("__stack_chk_fail", wanted)
        self.assertIn("__memcpy_chk", wanted)

    def test_it_runs_under_a_shadow_stack(self):
        self.assertRegex(output("readelf", "-nW", self.hardened), r"x86 feature: .*SHSTK")

    def test_nothing_is_searched_where_anybody_may_write(self):
        self.assertNotRegex(output("readelf", "-dW", self.hardened), r"\((RPATH|RUNPATH)\)")
