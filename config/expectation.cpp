#include <optional>

#include "base/units.hpp"
#include "config/value.hpp"

namespace ship {
namespace {

std::string choices_text(const Setting& setting) {
  std::string text;
  for (const SettingChoice& choice : setting.choices())
    text += (text.empty() ? "" : ", ") + std::string(choice.name);
  return text;
}

/// "one of a, b", or the only choice.
std::string one_of(const Setting& setting, std::string_view start) {
  std::string text = choices_text(setting);
  if (text.find(',') == text.npos) return '"' + text + '"';
  return std::string(start) + " " + text;
}

}  // namespace

std::string help_text(const Setting& row) {
  if (row.type() == SettingType::map || row.choices().empty()) return std::string(row.help);
  return std::string(row.help) + ": " + choices_text(row);
}

std::string expectation(const Setting& setting) {
  const auto range = [&](auto&& print) {
    return " from " + print(setting.min) + " to " + print(setting.max);
  };
  switch (setting.type()) {
    case SettingType::boolean:
      return "true or false";
    case SettingType::integer:
      return (setting.zero.empty() ? "an integer" : std::string(setting.zero) + " or an integer") +
             range([](std::uint64_t n) { return std::to_string(n); });
    case SettingType::decimal:
      return "a number" + range([](std::uint64_t n) { return std::to_string(n); });
    case SettingType::size:
      return "a size such as \"64 MB\"," + range([](std::uint64_t n) { return print_size(n); });
    case SettingType::duration:
      return "a duration such as \"250ms\"," + range([](std::uint64_t n) {
               return print_duration(std::chrono::milliseconds(static_cast<std::int64_t>(n)));
             });
    case SettingType::choice:
      return one_of(setting, "one of");
    case SettingType::signal:
      if (setting.choices().empty()) return "a signal such as TERM, or none";
      return one_of(setting, "one of the signals");
    case SettingType::level:
      return "a level such as INFO, or a number from 0 to 99";
    case SettingType::list:
      return "a list such as \"a,b\" or [ \"a\", \"b\" ]";
    case SettingType::map:
      return setting.choices().empty() ? "a name and a text" : one_of(setting, "one of");
    case SettingType::paths:
      return "a path, or an array of paths";
    case SettingType::mode:
      return "permissions in octal such as \"0640\"";
    case SettingType::url:
      return "a sink's URL";
    case SettingType::path:
      return "a path";
    case SettingType::text:
    case SettingType::secret:
      return "a text";
  }
  return {};
}

std::string bare_value(const Setting& setting, std::string_view text) {
  if (is_hidden(setting) || text.empty()) return {};
  if (setting.type() == SettingType::boolean) {
    const auto value = value_from_text(setting, text);
    return value ? std::string("; write ") + (std::get<bool>(value.value()) ? "true" : "false")
                 : "";
  }
  if (setting.type() == SettingType::decimal) {
    return value_from_text(setting, text) ? "; write " + std::string(text) + ", without quotes"
                                          : "";
  }
  if (setting.type() != SettingType::integer) return {};
  const char unit = text.back();
  const std::uint64_t factor = unit == 'k' || unit == 'K'   ? 1000
                               : unit == 'm' || unit == 'M' ? 1'000'000
                                                            : 1;
  const auto value = value_from_text(setting, text.substr(0, text.size() - (factor > 1)));
  if (!value || std::get<std::uint64_t>(value.value()) > setting.max / factor) return {};
  return "; write " + std::to_string(std::get<std::uint64_t>(value.value()) * factor) +
         ", without quotes";
}

}  // namespace ship
