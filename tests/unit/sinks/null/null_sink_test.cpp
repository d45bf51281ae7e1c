#include "sinks/null/null_sink.hpp"

#include "tests/catch.hpp"
#include "tests/unit/sinks/sink_contract.hpp"

namespace ship {
namespace {

class NullPeer final : public testing::ContractPeer {
 public:
  std::unique_ptr<Sink> make_sink() override { return std::make_unique<NullSink>(); }
  bool keeps_lines() const override { return false; }
  std::vector<std::string> lines() override { return {}; }
  std::uint64_t wire_bytes() override { return 0; }
};

}  // namespace

TEST_CASE("null sink: keeps the contract of sinks", "[sinks][null]") {
  testing::run_sink_contract([] { return std::make_unique<NullPeer>(); });
}

TEST_CASE("null sink: counts each line with its newline as sent", "[sinks][null]") {
  NullSink sink;
  const testing::OwnedRecords records({"{}", R"({"a":1})"});
  const Verdict verdict = sink.send(records.records(), {});
  CHECK(verdict.kind == Verdict::Kind::ok);
  CHECK(verdict.bytes_sent == 11);
}

}  // namespace ship
