"""The stages in the real program: what is chosen, added, redacted and reshaped, and that nothing slips past them."""

import json
import os
import signal
import subprocess
import sys
import time
import unittest

import program

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fault"))
import peer as peers  # noqa: E402

# Put together here, so that nothing in the tree has the form of a secret.
TOKEN = "gh" + "p_" + "A1b2C3d4" * 4 + "e5F6"
SECRET = "hunter2-" + "very-secret"


def record(**fields):
    return json.dumps(fields) + "\n"


def statistics(result):
    return json.loads([line for line in result.stderr.splitlines() if line.startswith("{")][-1])


# Patterns compile slowly under a sanitizer, and lines that wait for them are lost when the time is up.
SANITIZED = os.environ.get("SHIP_SANITIZE", "") != ""
PATIENT = {"FAPILOG_SHIP_DRAIN_TIMEOUT": "50s"} if SANITIZED else None
COMPILED = "20s" if SANITIZED else "3s"



class FilterTest(program.ProgramTest):
    def ship(self, *arguments, stdin=""):
        """Runs it and checks that the books balance; returns the result and the statistics."""
        result = program.run(*arguments, "--stats-at-exit", "--stats-format", "json", stdin=stdin,
                             environment=PATIENT)
        stats = statistics(result)
        books = stats["input"]
        self.assertEqual(books["lines"], books["filtered"] + books["discarded"] + books["submitted"])
        for sink in stats["sinks"].values():
            self.assertEqual(sink["submitted"], sink["filtered"] + sink["delivered"] + sum(sink["dropped"].values()) +
                             sink["dead_lettered"] + sink["diverted"] + sink["pending"] + sink["spooled"])
        return result, stats

    def start(self, *arguments, environment=None):
        """A run whose input the test feeds and ends."""
        process = subprocess.Popen([program.SHIP, *arguments, "--stats-at-exit", "--stats-format", "json"], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=program.clean_environment(environment))
        self.addCleanup(self.end, process)
        return process

    def statistics_of(self, process, condition):
        """The first statistics of a run for which this holds."""
        deadline = time.monotonic() + program.PATIENCE
        while time.monotonic() < deadline:
            process.send_signal(signal.SIGUSR1)
            line = process.stderr.readline()
            if line.startswith("{") and condition(json.loads(line)):
                return json.loads(line)
        self.fail("it did not happen")

    def end(self, process):
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()

    def until(self, what):
        """Waits for something that the program does."""
        deadline = time.monotonic() + program.PATIENCE
        while not what():
            self.assertLess(time.monotonic(), deadline, "it did not happen")
            time.sleep(0.01)

    def contents(self):
        """Everything that the program left on disk, by file."""
        found = {}
        for folder, _, names in os.walk(self.directory):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    found[os.path.join(folder, name)] = file.read()
        return found


class Choosing(FilterTest):
    def test_with_no_sink_it_is_a_filter(self):
        lines = [record(level="INFO", status=200), record(level="ERROR", status=503), record(level="INFO", status=500)]
        result, stats = self.ship("--where", "status >= 500", stdin="".join(lines))
        self.assertEqual("".join(lines[1:]), result.stdout)
        self.assertEqual({"in": 3, "out": 2}, {key: stats["stages"]["where"][key] for key in ("in", "out")})
        self.assertEqual(1, stats["input"]["filtered"])

    def test_a_wrong_expression_names_its_place(self):
        result = program.run("--where", "status => 500")
        self.assertEqual(78, result.returncode)
        self.assertIn("--where: filter.where: column 9: found '>', expected a number", result.stderr)
        self.assertIn("\n      status => 500\n              ^\n", result.stderr)
        config = self.write("c.toml", "[sinks.out]\nurl = \"null:\"\nfilter.where = \"a ==\"\n")
        result = program.run("check", "--config", config)
        self.assertEqual(78, result.returncode)
        self.assertIn("c.toml:3:16: sinks.out.filter.where: column 5: found the end", result.stderr)

    def test_wrong_values_are_errors_with_their_place(self):
        for arguments, said in ((["--redact", "credentails"], "redact.presets: found \"credentails\""),
                                (["--redact-pattern", "x=(a"], "redact.patterns.x"),
                                (["--redact", "jwt", "--redact-action", "hash"], "redact.hash_key: missing"),
                                (["--redact", "jwt", "--redact-action-for", "jwt=burn"], "redact.actions.jwt: found"),
                                (["--sample", "1.5"], "expected a number from 0 to 1"),
                                (["--max-record-bytes", "100"], "at least 512 B"),
                                (["--level-name", "LOUD=x"], "shape.levels"),
                                (["--adaptive-min", "0.5", "--adaptive-max", "0.2"], "larger than")):
            self.assert_fails(program.run("check", *arguments), 78, said)

    def test_a_sink_may_choose_for_itself_looser_or_stricter(self):
        lines = [record(level=level, n=number) for number, level in enumerate(["DEBUG", "INFO", "ERROR", "INFO"])]
        _, stats = self.ship("--min-level", "INFO", "-s", f"file:{self.path('all')}?filter.min_level=DEBUG",
                             "-s", f"file:{self.path('some')}?filter.where=n%3D%3D3", "-s", f"file:{self.path('usual')}",
                             stdin="".join(lines))
        self.assertEqual("".join(lines), self.read("all"))
        self.assertEqual(lines[3], self.read("some"))
        self.assertEqual("".join(lines[1:]), self.read("usual"))
        self.assertEqual([0, 3, 1], [sink["filtered"] for sink in stats["sinks"].values()])

    def test_sampling_keeps_traces_whole_and_protected_records(self):
        lines = [record(level="ERROR" if number % 50 == 0 else "INFO", trace_id=f"{number // 5:032x}", n=number)
                 for number in range(5000)]
        result, stats = self.ship("--sample", "0.2", "--no-drop-on-full", stdin="".join(lines))
        kept = [json.loads(line) for line in result.stdout.splitlines()]
        traces = {}
        for one in kept:
            traces.setdefault(one["trace_id"], []).append(one)
        whole = [trace for trace in traces.values() if len(trace) == 5]
        partial = [one for trace in traces.values() if len(trace) < 5 for one in trace]
        self.assertTrue(all(one["level"] == "ERROR" for one in partial))
        self.assertEqual(100, sum(one["level"] == "ERROR" for one in kept))
        self.assertEqual(0.2, stats["stages"]["sample"]["rate"])
        # These ids are small numbers in 56 bits: hashed ones are what a share can be told of.
        self.assertLessEqual(len(whole), 1000)

    def test_about_the_share_goes_on(self):
        lines = [record(level="INFO", request=f"req-{number}") for number in range(5000)]
        result, _ = self.ship("--sample", "0.2", "--sample-trace-field", "request", "--no-drop-on-full",
                              stdin="".join(lines))
        self.assertAlmostEqual(1000, result.stdout.count("\n"), delta=250)

    def test_repeats_become_one_record_that_tells_their_number(self):
        lines = [record(level="INFO", message="again", n=number) for number in range(5)]
        result, stats = self.ship("--dedup", "1h", stdin="".join(lines) + record(level="INFO", message="other"))
        told = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual(["again", "other", "again (repeated 4 times)"], [one["message"] for one in told])
        self.assertEqual((4, 4), (told[-1]["_repeated"], told[-1]["n"]))
        self.assertEqual(3, stats["input"]["filtered"])

    def test_a_window_of_repeats_ends_while_nothing_comes(self):
        process = self.start("--dedup", "100ms")
        process.stdin.write(record(message="again") * 3)
        process.stdin.flush()
        self.assertEqual(record(message="again"), process.stdout.readline())
        self.assertEqual("again (repeated 2 times)", json.loads(process.stdout.readline())["message"])
        process.stdin.close()
        self.assertEqual(0, process.wait(timeout=program.PATIENCE))

    def test_the_rate_limit_is_for_each_key_and_spares_errors(self):
        lines = [record(level="INFO", logger=name, n=number) for number in range(20) for name in "ab"]
        result, stats = self.ship("--rate-limit", "0.001", "--rate-limit-capacity", "3", "--rate-limit-key", "logger",
                                  stdin="".join(lines) + record(level="ERROR", logger="a"))
        kept = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual(["a", "b"] * 3 + ["a"], [one["logger"] for one in kept])
        self.assertEqual(34, stats["input"]["filtered"])

    def test_both_streams_of_a_command_are_chosen_from(self):
        result = program.run("--where", "message contains 'yes'", "--", "sh", "-c", "echo yes 1; echo no; echo yes 2 >&2")
        self.assertEqual(["yes 1", "yes 2"],
                         sorted(json.loads(line)["log"]["message"] for line in result.stdout.splitlines()))


class Redacting(FilterTest):
    LINES = (record(level="ERROR", message=f"login failed, password={SECRET} for x") +
             record(level="INFO", data={"deep": [{"api_key": SECRET}]}, message="ok") +
             record(level="INFO", message="JSON in text", body=json.dumps({"user": "u", "password": SECRET})) +
             record(level="INFO", message=f"cloning with {TOKEN}"))

    def assert_clean(self, text):
        self.assertNotIn(SECRET, text)
        self.assertNotIn(TOKEN, text)

    def test_secrets_are_gone_from_fields_texts_and_json_in_text(self):
        result, stats = self.ship("--redact", "credentials", stdin=self.LINES)
        self.assert_clean(result.stdout)
        self.assertEqual(4, result.stdout.count("***"))
        self.assertEqual(4, stats["sinks"]["stdout"]["stages"]["redact"]["changed"])
        rules = stats["sinks"]["stdout"]["stages"]["redact"]["rules"]
        self.assertEqual({"assignment": 1, "*api_key": 1, "*password": 1, "github_token": 1}, rules)
        told = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual("login failed, password=*** for x", told[0]["message"])
        self.assertEqual({"user": "u", "password": "***"}, json.loads(told[2]["body"]))

    def test_plain_text_is_redacted_too(self):
        result, _ = self.ship("--redact", "credentials", stdin=f"plain password={SECRET} text\n")
        self.assert_clean(result.stdout)

    def test_no_sink_sees_them(self):
        server = peers.Peer()
        self.addCleanup(server.close)
        url = server.url("")
        self.ship("--redact", "credentials", "-s", url + "/in", "-s", f"file:{self.path('out')}",
                  "-s", "loki+" + url + "?encoding=json&name=loki", "-s", "stdout:?format=logfmt", stdin=self.LINES)
        for request in server.requests:
            self.assert_clean(request.body.decode())
        self.assertGreaterEqual(len(server.requests), 2)
        self.assert_clean(self.read("out"))

    def test_the_spool_never_holds_them(self):
        for mode in ("overflow", "durable"):
            _, stats = self.ship("--redact", "credentials", "--spool", self.path("spool-" + mode), "--spool-mode", mode,
                                 "--drain-timeout", COMPILED, "-s", "http://127.0.0.1:9/in?name=dead",
                                 stdin=self.LINES * 5)
            self.assertEqual(20, stats["sinks"]["dead"]["spooled"])
            files = [text for path, text in self.contents().items() if "spool-" + mode in path]
            self.assertTrue(any(b"***" in text for text in files))
            for text in files:
                self.assert_clean(text.decode(errors="replace"))

    def test_what_comes_back_from_disk_is_not_redacted_again(self):
        key = ["--redact", "credentials", "--redact-action", "hash", "--redact-hash-key", "k"]
        self.ship(*key, "--spool", self.path("spool"), "--drain-timeout", COMPILED,
                  "-s", "http://127.0.0.1:9/in?name=out", stdin=self.LINES)
        _, stats = self.ship(*key, "--spool", self.path("spool"), "-s", f"file:{self.path('out')}?name=out")
        self.assertEqual(4, stats["sinks"]["out"]["delivered"])
        direct, _ = self.ship(*key, stdin=self.LINES)
        self.assertEqual(direct.stdout, self.read("out"))

    def test_dead_letters_of_sinks_and_of_the_input_never_hold_them(self):
        server = peers.Peer(peers.status(400, body=b"no"))
        self.addCleanup(server.close)
        _, stats = self.ship("--redact", "credentials", "--dead-letter", self.path("dead"), "--on-invalid", "dead-letter",
                             "-s", server.url("/in?name=out"), stdin=self.LINES + f"no object: password={SECRET}\n")
        self.assertEqual(4, stats["sinks"]["out"]["dead_lettered"])
        self.assertEqual(1, stats["input"]["discarded"])
        letters = [json.loads(line) for line in self.read("dead").splitlines()]
        self.assertEqual(5, len(letters))
        self.assert_clean(self.read("dead"))
        self.assertIn("no object: password=***", [letter["record"] for letter in letters])

    def test_a_fallback_gets_the_redacted_form_once(self):
        config = self.write("c.toml", f"""
redact.presets = [ "credentials" ]
redact.action = "hash"
redact.hash_key = "k"
[sinks.far]
url = "http://127.0.0.1:9/in"
fallback = "near"
delivery.breaker_failures = 1
[sinks.near]
url = "file:{self.path('near')}"
levels = [ "AUDIT" ]
""")
        direct, _ = self.ship("--redact", "credentials", "--redact-action", "hash", "--redact-hash-key", "k",
                              stdin=self.LINES)
        process = self.start("--config", config)
        process.stdin.write(self.LINES)
        process.stdin.flush()
        self.until(lambda: os.path.exists(self.path("near")) and self.read("near") == direct.stdout)
        process.stdin.close()
        stats = json.loads(process.stderr.read().splitlines()[-1])
        self.assertEqual(4, stats["sinks"]["far"]["diverted"])
        self.assertEqual(0, stats["sinks"]["near"]["stages"]["redact"]["in"])

    def test_actions(self):
        line = record(card="4111 1111 1111 1111", email="ann@example.com", password=SECRET)
        for action, wanted in (("mask", {"card": "***", "email": "***", "password": "***"}),
                               ("partial", {"card": "***111", "email": "***@example.com"}),
                               ("remove", {})):
            result, _ = self.ship("--redact", "credentials,pii", "--redact-action", action,
                                  "--redact-field", "card", stdin=line)
            told = json.loads(result.stdout)
            self.assertEqual(wanted, {name: told[name] for name in wanted if name in told})
            if action == "remove":
                self.assertNotIn("password", told)

    def test_the_same_secret_is_the_same_token_under_one_key(self):
        tokens = []
        for key in ("one", "one", "two"):
            result, _ = self.ship("--redact-field", "user", "--redact-action", "hash", "--redact-hash-key", key,
                                  stdin=record(user="ann"))
            tokens.append(json.loads(result.stdout)["user"])
        self.assertEqual(tokens[0], tokens[1])
        self.assertNotEqual(tokens[0], tokens[2])

    def test_the_key_of_the_hash_is_shown_nowhere(self):
        shown = program.run("--redact-field", "user", "--redact-action", "hash", "--redact-hash-key", SECRET,
                            "--print-config")
        self.assertEqual(0, shown.returncode)
        self.assertNotIn(SECRET, shown.stdout + shown.stderr)

    def test_presets_of_the_configuration_redact(self):
        line = record(level="INFO", message=f"password={SECRET} mail ann@example.com")
        for preset, mail in (("production", True), ("hardened", False)):
            result, _ = self.ship("--preset", preset, stdin=line)
            self.assertNotIn(SECRET, result.stdout)
            self.assertEqual(mail, "ann@example.com" in result.stdout)

    def test_every_named_set_redacts_something(self):
        for name, field in (("credentials", "password"), ("pii", "date_of_birth"), ("pci", "cvv"), ("hipaa", "mrn"),
                            ("gdpr", "national_id"), ("contact", "phone_number"), ("financial", "iban")):
            result, _ = self.ship("--redact", name, stdin=record(**{field: "some text", "other": "some text"}))
            self.assertEqual({field: "***", "other": "some text"}, json.loads(result.stdout), name)


class Shaping(FilterTest):
    def test_fields_are_added_renamed_and_removed_in_the_fixed_order(self):
        result, _ = self.ship("--enrich", "team=shop", "--enrich", "password=x", "--redact", "credentials",
                              "--rename", "msg=message", "--remove", "noise", stdin=record(msg="hi", noise=1, n=1))
        self.assertEqual({"message": "hi", "n": 1, "team": "shop", "password": "***"}, json.loads(result.stdout))

    def test_the_runtime_is_told_under_fapilogs_names(self):
        environment = {"FAPILOG_SERVICE": "orders", "FAPILOG_ENV": "prod", "POD_NAME": "orders-1", "TEAM": "shop"}
        result = program.run("--enrich-runtime", "--enrich-kubernetes", "--enrich-env", "team=TEAM",
                             stdin=record(log={"level": "INFO"}), environment=environment)
        told = json.loads(result.stdout)["log"]
        about = told["diagnostics"]
        self.assertEqual(("orders", "prod", "orders-1"), (about["service"], about["env"], about["k8s_pod"]))
        self.assertIn("host", about)
        self.assertEqual("shop", told["team"])

    def cloud(self, script):
        """A metadata service, and the environment that leads there."""
        service = peers.Peer(script)
        self.addCleanup(service.close)
        return service, {"AWS_EC2_METADATA_SERVICE_ENDPOINT": service.url("")}

    def test_the_cloud_is_asked_once_for_the_machine(self):
        def answer(service, connection, request):
            body = b"token" if request.method == "PUT" else b'{"region":"eu-west-1","instanceId":"i-1"}'
            return peers.status(200, body=body)(service, connection, request)
        service, environment = self.cloud(answer)
        result = program.run("--enrich-cloud", "aws", "-s", f"file:{self.path('a')}", "-s", f"file:{self.path('b')}",
                             stdin=record(level="INFO") * 3, environment=environment)
        self.assertEqual("", result.stderr)
        self.assertEqual(["/latest/api/token", "/latest/dynamic/instance-identity/document"],
                         [request.path for request in service.requests])
        for name in ("a", "b"):
            for line in self.read(name).splitlines():
                self.assertEqual({"level": "INFO", "cloud_provider": "aws", "cloud_region": "eu-west-1",
                                  "cloud_instance_id": "i-1"}, json.loads(line))

    def test_a_cloud_that_hangs_holds_up_delivery_for_a_second_and_reading_never(self):
        service, environment = self.cloud(peers.hang())
        seen = False
        # On a machine that is held up itself, the second may be over before anybody looks.
        for attempt in range(1, 6):
            process = self.start("--enrich-cloud", "aws", "--redact", "credentials", "--drain-timeout", "40s",
                                 environment=environment)
            service.wait_for(lambda peer: len(peer.requests) == attempt)
            process.stdin.write(record(level="INFO", password=SECRET) * 100)
            process.stdin.flush()
            stats = self.statistics_of(process, lambda stats: stats["input"]["lines"] == 100)
            process.stdin.close()
            self.assertEqual('{"level": "INFO", "password": "***"}\n' * 100, process.stdout.read())
            said = process.stderr.read()
            self.assertEqual(0, process.wait())
            sink = stats["sinks"]["stdout"]
            seen = (sink["delivered"], sink["pending"]) == (0, 100)
            if seen:
                self.assertEqual(1, said.count("warning: enrich.cloud: "), said)
                break
        self.assertTrue(seen)

    def test_no_cloud_is_asked_unless_it_is_said(self):
        service, environment = self.cloud(peers.status(500))
        program.run("--enrich-runtime", "--enrich-kubernetes", "--enrich-container", stdin=record(level="INFO"),
                    environment=environment)
        self.assertEqual([], service.requests)

    def test_a_record_that_is_too_large_is_cut_or_dropped_and_counted(self):
        line = record(level="ERROR", message="it broke", blob="x" * 5000)
        result, _ = self.ship("--max-record-bytes", "1 KB", stdin=line)
        told = json.loads(result.stdout)
        self.assertEqual(("ERROR", "it broke", True), (told["level"], told["message"], told["_truncated"]))
        self.assertLessEqual(len(result.stdout), 1025)
        result, stats = self.ship("--max-record-bytes", "1 KB", "--max-record-action", "drop", stdin=line)
        self.assertEqual("", result.stdout)
        self.assertEqual(1, stats["sinks"]["stdout"]["dropped"]["size_guard"])

    def test_with_every_stage_set_a_record_that_none_changes_leaves_byte_for_byte(self):
        lines = ' { "level" : "INFO", "n": 1.0, "big": 12345678901234567890, "t": "\\u00e9" }\n{"a":1e3,"a":[]}\n'
        result, _ = self.ship("--min-level", "DEBUG", "--where", "not (x == 1)", "--sample", "0.9999999", "--dedup", "1m",
                              "--rate-limit", "1000", "--redact", "credentials,pii,pci,hipaa,gdpr,contact,financial",
                              "--redact-pattern", "order=ORD-[0-9]+", "--remove", "gone", "--rename", "old=new",
                              "--max-record-bytes", "64 KB", stdin=lines)
        self.assertEqual(lines, result.stdout)


class Explaining(FilterTest):
    def test_check_explains_what_each_stage_does_to_a_line(self):
        line = record(level="ERROR", message=f"password={SECRET}", old=1).strip()
        arguments = ["check", "--explain", "--where", "level >= INFO", "--redact", "credentials", "--rename", "old=new",
                     "-s", f"file:{self.path('x')}?levels=AUDIT&name=audit", "-s", "null:"]
        for result in (program.run(*arguments, line), program.run(*arguments, stdin=line + "\n")):
            self.assertEqual(0, result.returncode, result.stderr)
            words = [text.split(None, 1) for text in result.stdout.splitlines() if not text.startswith("  ")]
            self.assertEqual(["input", "logger", "level", "time", "message", "where", "redact", "shape", "sink", "sink"],
                             [word[0] for word in words])
            self.assertIn('"message": "password=***"', result.stdout)
            self.assertRegex(result.stdout, "sink audit +left out by levels")
            self.assertRegex(result.stdout, "sink null +gets it")
        self.assertFalse(os.path.exists(self.path("x")))

    def test_it_ends_where_a_filter_leaves_the_line_out(self):
        result = program.run("check", "--explain", "--min-level", "ERROR", "--redact", "credentials", '{"level":"INFO"}')
        self.assertRegex(result.stdout, "min_level +left out\n\\Z")


if __name__ == "__main__":
    unittest.main(verbosity=2)
