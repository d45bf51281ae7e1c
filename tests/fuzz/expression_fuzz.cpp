// What --where takes: any text is an expression or an error, and an expression answers for any
// record.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "stage/choose/expression.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto compiled = ship::Expression::compile(text);
  if (!compiled) {
    if (compiled.error().message.empty()) std::abort();
    return 0;
  }
  for (const std::string_view line :
       {R"({"level":"ERROR","a":1,"b":"x\n","c":[1,"y"],"d":{"e":null},"f":true,"status":503})",
        R"({"log":{"level":"WARN","message":"caf\u00e9","data":{"a":1.5e3}}})", "{}"}) {
    ship::Record record;
    record.line = line;
    const bool first = compiled.value().holds(record);
    if (compiled.value().holds(record) != first) std::abort();
  }
  return 0;
}
