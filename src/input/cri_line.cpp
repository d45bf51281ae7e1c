#include "input/cri_line.hpp"

#include "record/timestamp.hpp"

namespace ship {
namespace {

/// Takes the word before the next blank off the front.
std::string_view take_word(std::string_view& line) {
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return {};
  const std::string_view word = line.substr(0, blank);
  line.remove_prefix(blank + 1);
  return word;
}

}  // namespace

std::optional<CriLine> parse_cri_line(std::string_view line) {
  if (line.size() < 20 || line[0] < '0' || line[0] > '9' || line[10] != 'T') return std::nullopt;
  CriLine cri;
  const std::string_view time_text = take_word(line);
  const std::string_view stream = take_word(line);
  if (stream != "stdout" && stream != "stderr") return std::nullopt;
  // More tags may follow behind a colon.
  const std::string_view tag = take_word(line);
  if (tag.empty() || (tag[0] != 'P' && tag[0] != 'F') || (tag.size() > 1 && tag[1] != ':')) {
    return std::nullopt;
  }
  const auto time = parse_time(time_text);
  if (!time) return std::nullopt;
  cri.time = *time;
  cri.stream = stream == "stderr" ? Stream::standard_error : Stream::standard_output;
  cri.partial = tag[0] == 'P';
  cri.text = line;
  return cri;
}

bool CriParts::add(const CriLine& part, std::uint64_t part_at, Fault part_fault) {
  if (!waits) {
    waits = true;
    stream = part.stream;
    text.clear();
    time = part.time;
    at = part_at;
    fault = part_fault;
  }
  text.append(part.text);
  return !part.partial;
}

}  // namespace ship
