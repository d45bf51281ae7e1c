#include "record/identity.hpp"

#include <set>
#include <vector>

#include "tests/catch.hpp"

namespace ship {
namespace {

TEST_CASE("identity: its text is the same in every version, and reads back", "[identity]") {
  const RecordId id{{0x0123456789abcdef, 0xfedcba9876543210}, 42};
  CHECK(record_id_text(id) == "0123456789abcdeffedcba9876543210-42");
  for (const RecordId& one :
       {id, RecordId{}, RecordId{{~0ull, ~0ull}, ~0ull}, RecordId{{0, 1}, kUnendedLine | 7}}) {
    const std::string text = record_id_text(one);
    CHECK(text.size() <= kMaxRecordId);
    CHECK(parse_record_id(text) == one);
  }
}

TEST_CASE("identity: no other text is one", "[identity]") {
  const std::string run = "0123456789abcdeffedcba9876543210";
  const std::vector<std::string> others = {"",
                                           run,
                                           run + "-",
                                           run + "42",
                                           run + "-4x",
                                           run + "--1",
                                           run + "-1 ",
                                           run + "-99999999999999999999",
                                           run.substr(1) + "-1",
                                           "0" + run + "-1",
                                           "0123456789ABCDEFfedcba9876543210-1",
                                           "+123456789abcdeffedcba9876543210-1"};
  for (const std::string& text : others) {
    INFO(text);
    CHECK_FALSE(parse_record_id(text));
  }
}

TEST_CASE("identity: each start has a run of its own, and no number is given twice", "[identity]") {
  CHECK(random_run_id() != random_run_id());
  RecordNumbers numbers;
  std::set<std::uint64_t> given;
  for (int i = 0; i < 10; ++i) {
    const std::uint64_t first = numbers.take(3);
    for (std::uint64_t n = first; n < first + 3; ++n) CHECK(given.insert(n).second);
  }
  CHECK(*given.begin() == 1);
}

TEST_CASE("identity: a file is known by its beginning and the class of its size", "[identity]") {
  const std::string head(1000, 'x');
  const RunId file = file_run_id(head, 5000);
  CHECK(file_run_id(head, 5000) == file);
  CHECK(file_run_id(head, 8191) == file);
  CHECK(file_run_id(head, 8192) != file);
  std::string other = head;
  other.back() = 'y';
  CHECK(file_run_id(other, 5000) != file);
  CHECK(file_run_id(head.substr(1), 5000) != file);
  CHECK(file.high != file.low);
}

TEST_CASE("identity: a file and its copies are told apart where they are read together",
          "[identity]") {
  const RunId file = file_run_id("{}", 3);
  CHECK(file_copy_run_id(file, 0) == file);
  CHECK(file_copy_run_id(file, 1) != file);
  CHECK(file_copy_run_id(file, 2) != file_copy_run_id(file, 1));
  CHECK(file_copy_run_id(file, 2) == file_copy_run_id(file, 2));
}

}  // namespace
}  // namespace ship
