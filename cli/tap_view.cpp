#include "cli/tap_view.hpp"

#include <charconv>
#include <utility>

#include "base/number_text.hpp"
#include "sinks/terminal/terminal_text.hpp"

namespace ship {
namespace {

/// What stands behind `name` in a note; none where it is another one.
bool take_name(std::string_view& note, std::string_view name) {
  if (!note.starts_with(name)) return false;
  note.remove_prefix(name.size());
  return true;
}

}  // namespace

TapView::TapView(Options options)
    : options_(std::move(options)), pen_(options_.color), probe_(options_.probe) {}

bool TapView::take(std::string_view bytes, std::string& out) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (end == bytes.npos) {
      begun_ += bytes;
      break;
    }
    std::string_view line = bytes.substr(0, end);
    if (!begun_.empty()) line = begun_ += line;
    line.starts_with('#') ? note(line.substr(1), out) : record(line, out);
    begun_.clear();
    bytes.remove_prefix(end + 1);
    if (options_.at_most > 0 && shown_ == options_.at_most) return false;
  }
  return true;
}

void TapView::note(std::string_view text, std::string& out) {
  if (take_name(text, "tap ")) {
    if (options_.on_begin) options_.on_begin(text);
  } else if (take_name(text, "sink ")) {
    sink_ = text;
    ++sinks_;
  } else if (take_name(text, "left out ")) {
    std::uint64_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    left_out_ += count;
    if (options_.notes_between) {
      pen_.write(out, style::kDim, "… " + counted(count, "record") + " not shown");
      out += '\n';
    } else if (options_.on_left_out) {
      options_.on_left_out(count);
    }
  }
}

void TapView::record(std::string_view line, std::string& out) {
  ++shown_;
  if (!options_.format) {
    out += line;
    out += '\n';
    return;
  }
  // The first name alone tells nothing: there may be no other sink.
  if (sinks_ > 1 && !sink_.empty()) {
    std::string name = "sink ";
    append_harmless(std::exchange(sink_, {}), name);
    pen_.write(out, style::kDim, name + ":");
    out += '\n';
  }
  const Finding finding = probe_.probe(line);
  Record made;
  made.line = line;
  made.time = finding.has_time ? finding.time : system_clock().wall();
  made.level = finding.level;
  made.level_at = finding.level_at;
  made.level_size = finding.level_size;
  options_.format(made, out);
}

}  // namespace ship
