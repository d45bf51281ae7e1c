#include "input/traceback.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "tests/catch.hpp"

namespace ship {
namespace {

/// The groups that the lines of `text` fall into, each by its first line.
std::vector<std::string> heads_of(std::string_view text) {
  std::vector<std::string> heads;
  Traceback traceback;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    if (!heads.empty() && traceback.joins(line)) continue;
    traceback.begin(line);
    heads.emplace_back(line);
  }
  return heads;
}

using Heads = std::vector<std::string>;

TEST_CASE(
    "traceback: a Python traceback is one with its exception and with the line that announced it",
    "[traceback]") {
  CHECK(heads_of(R"(starting
ERROR:root:it broke
Traceback (most recent call last):
  File "/srv/app.py", line 2, in <module>
    f()
    ~^^
  File "/srv/app.py", line 1, in f
    def f(): return {}["a"]
KeyError: 'a'
INFO:root:next
)") == Heads{"starting", "ERROR:root:it broke", "INFO:root:next"});
}

TEST_CASE("traceback: a Python traceback does not join a line that speaks of no error",
          "[traceback]") {
  CHECK(heads_of("served 3 pages\nTraceback (most recent call last):\n  File \"a\", line "
                 "1\nValueError\nbye") ==
        Heads{"served 3 pages", "Traceback (most recent call last):", "bye"});
}

TEST_CASE("traceback: chained Python exceptions are one group", "[traceback]") {
  CHECK(heads_of(R"(Traceback (most recent call last):
  File "a.py", line 2, in f
    g()
app.errors.NotFound: no such order

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 4, in <module>
    raise RuntimeError("x") from error
RuntimeError: x

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "a.py", line 6, in <module>
ValueError
Traceback (most recent call last):
  File "b.py", line 6, in <module>
ValueError
)") == Heads{"Traceback (most recent call last):", "Traceback (most recent call last):"});
}

TEST_CASE("traceback: a Python exception group is one, and what follows it is not part of it",
          "[traceback]") {
  CHECK(heads_of(R"(  + Exception Group Traceback (most recent call last):
  |   File "<stdin>", line 1, in <module>
  | ExceptionGroup: two of them (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "<stdin>", line 1, in <module>
    | ValueError: 1
    +---------------- 2 ----------------
    | TypeError: 2
    +------------------------------------
Done: 3 of 5
)") == Heads{"  + Exception Group Traceback (most recent call last):", "Done: 3 of 5"});
}

TEST_CASE("traceback: the known parts of a Python exception's message are joined", "[traceback]") {
  CHECK(heads_of(R"(Traceback (most recent call last):
  File "a.py", line 2, in f
sqlalchemy.exc.IntegrityError: (psycopg2.errors.UniqueViolation) duplicate key value
DETAIL:  Key (id)=(3) already exists.

[SQL: INSERT INTO orders VALUES (%(id)s)]
[parameters: {'id': 3}]
(Background on this error at: https://sqlalche.me/e/20/gkpj)
Traceback (most recent call last):
  File "a.py", line 2, in f
pydantic_core._pydantic_core.ValidationError: 2 validation errors for Order
id
  Input should be a valid integer
items.0.name
  Field required
    For further information visit https://errors.pydantic.dev/2/v/missing
all good
)") == Heads{
           "Traceback (most recent call last):", "Traceback (most recent call last):", "all good"});
}

TEST_CASE("traceback: a Python SyntaxError without header is one group", "[traceback]") {
  CHECK(heads_of("  File \"a.py\", line 1\n    a b\n    ^^^\nSyntaxError: invalid syntax\nbye") ==
        Heads{"  File \"a.py\", line 1", "bye"});
}

TEST_CASE(
    "traceback: a Java stack trace is one with its causes and with the line that announced it",
    "[traceback]") {
  CHECK(heads_of(R"(2026-11-22 09:00:00 ERROR [main] Orders - failed
java.lang.IllegalStateException: no stock
	at com.shop.Orders.take(Orders.java:12)
	at com.shop.Main.main(Main.java:5)
	Suppressed: java.io.IOException: closed
		at com.shop.Main.close(Main.java:9)
Caused by: java.sql.SQLException: gone
	at com.shop.Db.query(Db.java:33)
	... 23 more
2026-11-22 09:00:01 INFO [main] Orders - next
Exception in thread "main" java.lang.RuntimeException: x
	at Main.main(Main.java:3)
Caused by: java.lang.Error
	... 1 more
)") == Heads{"2026-11-22 09:00:00 ERROR [main] Orders - failed",
             "2026-11-22 09:00:01 INFO [main] Orders - next",
             "Exception in thread \"main\" java.lang.RuntimeException: x"});
}

TEST_CASE("traceback: a Go panic is one with every goroutine", "[traceback]") {
  CHECK(heads_of(R"(listening on :8080
panic: runtime error: invalid memory address or nil pointer dereference [recovered]
	panic: again
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48f2a5]

goroutine 1 [running]:
main.(*Server).take(0x0, {0x4b2c1f, 0x3})
	/srv/main.go:12 +0x25
main.main()
	/srv/main.go:20 +0x1d

goroutine 18 [chan receive, 2 minutes]:
created by net/http.(*Server).Serve in goroutine 1
	/usr/lib/go/src/net/http/server.go:3086 +0x5cb
exit status 2
restarted
)") == Heads{"listening on :8080",
             "panic: runtime error: invalid memory address or nil pointer dereference [recovered]",
             "restarted"});
}

TEST_CASE("traceback: a Go dump with registers is one group", "[traceback]") {
  CHECK(heads_of(R"(SIGQUIT: quit
PC=0x46b0c1 m=0 sigcode=0

goroutine 0 [idle]:
runtime.futex()
	/usr/lib/go/src/runtime/sys_linux_amd64.s:552 +0x21
...additional frames elided...

rax    0xca
rip    0x46b0c1
rflags 0x286
hello 0x1 world
)") == Heads{"SIGQUIT: quit", "hello 0x1 world"});
}

TEST_CASE("traceback: what Node prints of an uncaught error is one group", "[traceback]") {
  CHECK(heads_of(R"(/srv/index.js:3
    throw new Error("x");
    ^

Error: x
    at Object.<anonymous> (/srv/index.js:3:9)
    at Module._compile (node:internal/modules/cjs/loader:1376:14) {
  code: 'ENOENT',
  [cause]: Error: y
      at f (/srv/index.js:1:9)
}

Node.js v18.19.0
node:internal/modules/cjs/loader:1143
  throw err;
  ^

Error [ERR_MODULE_NOT_FOUND]: Cannot find module 'x'
Require stack:
- /srv/index.js
    at Module._resolveFilename (node:internal/modules/cjs/loader:1140:15)
started
- a list
TypeError: Cannot read properties of undefined (reading 'a')
    at /srv/index.js:7:3
)") == Heads{"/srv/index.js:3", "node:internal/modules/cjs/loader:1143", "started", "- a list",
             "TypeError: Cannot read properties of undefined (reading 'a')"});
}

TEST_CASE("traceback: a Ruby exception is one with its cause, in either order", "[traceback]") {
  CHECK(heads_of(R"(app.rb:3:in `rescue in f': again (RuntimeError)
	from app.rb:1:in `f'
	from app.rb:6:in `<main>'
app.rb:2:in 'f': divided by 0 (ZeroDivisionError)
	from app.rb:6:in '<main>'
done
Traceback (most recent call last):
	1: from app.rb:6:in `<main>'
app.rb:2:in `f': divided by 0 (ZeroDivisionError)
done
NoMethodError (undefined method `x' for nil):

app/models/order.rb:5:in `total'
app/controllers/orders.rb:9:in `show'
done
)") == Heads{"app.rb:3:in `rescue in f': again (RuntimeError)", "done",
             "Traceback (most recent call last):", "done",
             "NoMethodError (undefined method `x' for nil):", "done"});
}

TEST_CASE("traceback: indented lines go on with what stands above them, others begin anew",
          "[traceback]") {
  CHECK(heads_of("one\n  more\n\tmore\ntwo\nthree") == Heads{"one", "two", "three"});
  CHECK(heads_of("{\n  \"a\": [\n    1\n  ]\n}\nnext") == Heads{"{", "next"});
  CHECK(heads_of("}\n}") == Heads{"}", "}"});
}

TEST_CASE("traceback: plain lines that look a little like one stay apart", "[traceback]") {
  const Heads lines = {"GET / 200", "Caused by: nobody", "foo.Bar: 1",    "a.b.C",
                       "run(1)",    "created by me",     "goroutines: 4", "Node.js version",
                       "x:in y",    "12:in `x",          "--- end ---"};
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  CHECK(heads_of(text) == lines);
}

}  // namespace
}  // namespace ship
