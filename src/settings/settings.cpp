#include "settings/settings.hpp"

#include <array>

namespace ship {

std::string_view SinkSettings::type() const {
  static constexpr std::array<std::string_view, 9> kTypes = {
      "null", "stdout", "file", "http", "loki", "elasticsearch", "cloudwatch", "otlp", "kafka"};
  static_assert(kTypes.size() == std::variant_size_v<decltype(kind)>);
  return kTypes[kind.index()];
}

}  // namespace ship
