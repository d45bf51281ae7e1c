#include "spool/spool.hpp"

#include "tests/catch.hpp"
#include "tests/unit/fakes/memory_files.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"
#include "tests/unit/spool/spool_contract.hpp"
#include "tests/unit/spool/spool_fixture.hpp"

namespace ship {
namespace {

TEST_CASE("spool: on the machine's own files it keeps the contract", "[spool]") {
  const TemporaryDirectory directory;
  check_spool_contract(system_files(), directory.path() + "/a/spool");
}

TEST_CASE("spool: on files in memory it keeps the contract", "[spool]") {
  MemoryFiles files;
  check_spool_contract(files, "/var/spool");
}

}  // namespace
}  // namespace ship
