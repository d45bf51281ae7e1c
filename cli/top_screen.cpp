#include "cli/top_screen.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/number_text.hpp"
#include "base/utf8.hpp"
#include "record/json_text.hpp"
#include "sinks/terminal/terminal_style.hpp"
#include "sinks/terminal/terminal_text.hpp"

namespace ship {
namespace {

constexpr unsigned kChartColumns = 120;  // one for each second of two minutes
constexpr std::string_view kClearLine = "\x1b[K";

std::string rate_text(std::optional<double> rate) {
  if (!rate) return "-/s";
  char text[32];
  if (*rate > 0 && *rate < 10) {
    std::snprintf(text, sizeof text, "%.1f/s", *rate);
    return text;
  }
  return grouped(static_cast<std::uint64_t>(std::llround(*rate))) + "/s";
}

std::string seconds_text(double seconds) {
  char text[32];
  if (seconds <= 0) return "-";
  if (seconds < 0.001)
    std::snprintf(text, sizeof text, "%.0f us", seconds * 1e6);
  else if (seconds < 1)
    std::snprintf(text, sizeof text, seconds < 0.01 ? "%.1f ms" : "%.0f ms", seconds * 1e3);
  else
    std::snprintf(text, sizeof text, seconds < 10 ? "%.1f s" : "%.0f s", seconds);
  return text;
}

std::string uptime_text(double seconds) {
  const auto whole = static_cast<unsigned long long>(seconds);
  char text[64];
  if (whole >= 86400)
    std::snprintf(text, sizeof text, "%llu d %llu h", whole / 86400, whole / 3600 % 24);
  else if (whole >= 3600)
    std::snprintf(text, sizeof text, "%llu h %llu min", whole / 3600, whole / 60 % 60);
  else if (whole >= 60)
    std::snprintf(text, sizeof text, "%llu min %llu s", whole / 60, whole % 60);
  else
    std::snprintf(text, sizeof text, "%llu s", whole);
  return text;
}

std::string_view style_of(TopVerdict::Mood mood) {
  switch (mood) {
    case TopVerdict::Mood::bad:
      return style::kBoldRed;
    case TopVerdict::Mood::warning:
      return style::kYellow;
    case TopVerdict::Mood::good:
      return style::kGreen;
  }
  return {};
}

/// One line that is never wider than the terminal.
class Line {
 public:
  /// Clearing to the end of a full line would take its last character: one column stays free.
  explicit Line(const TopTerminal& terminal)
      : pen_(terminal.color), left_(std::max(terminal.columns, 2u) - 1) {}

  Line& add(std::string_view text, std::string_view style = {}) {
    std::string fitting;
    while (!text.empty() && left_ > 0) {
      const std::size_t bytes = std::max<std::size_t>(utf8_sequence(text), 1);
      const auto width = static_cast<unsigned>(display_width(text.substr(0, bytes)));
      if (width > left_) {
        left_ = 0;
        break;
      }
      left_ -= width;
      fitting += text.substr(0, bytes);
      text.remove_prefix(bytes);
    }
    if (!fitting.empty()) pen_.write(text_, style, fitting);
    return *this;
  }
  /// Adds `text` at the right edge, after spaces; adds nothing if there is no room for it.
  Line& add_right(std::string_view text, std::string_view style = {}) {
    const auto width = static_cast<unsigned>(display_width(text));
    if (width + 1 > left_) return *this;
    text_ += std::string(left_ - width, ' ');
    left_ = width;
    return add(text, style);
  }
  unsigned left() const { return left_; }
  std::string take() { return std::move(text_); }

 private:
  Pen pen_;
  unsigned left_;
  std::string text_;
};

std::string harmless(std::string_view text) {
  std::string result;
  append_harmless(text, result);
  return result;
}

/// The frame as lines; sections get the detail that fits.
class Screen {
 public:
  Screen(const TopView& view, const TopTerminal& terminal) : view_(view), terminal_(terminal) {}

  std::string draw() {
    head();
    if (view_.stats) sinks(*view_.stats);
    std::string frame;
    for (std::size_t i = 0; i < terminal_.rows; ++i) {
      if (i > 0) frame += "\r\n";
      if (i < lines_.size()) frame += lines_[i];
      frame += kClearLine;
    }
    return frame;
  }

 private:
  enum class Detail { row, brief, full };

  Line line() const { return Line(terminal_); }
  void put(Line& made) { lines_.push_back(made.take()); }
  void put_empty() { lines_.emplace_back(); }

  void head() {
    Line title = line();
    title.add("fapilog-ship", style::kBold);
    if (view_.stats) {
      title.add(" " + harmless(view_.stats->version));
      if (!view_.stats->preset.empty()) title.add(" " + harmless(view_.stats->preset));
      title.add(", up " + uptime_text(view_.stats->uptime_seconds));
    }
    title.add_right(harmless(view_.url) + "  q quits", style::kDim);
    put(title);
    headline();
    if (!view_.stats) return;
    totals(*view_.stats);
    if (terminal_.rows > 12) put_empty();
  }

  void headline() {
    if (!view_.trouble.empty()) return trouble(harmless(view_.trouble));
    Line words = line();
    if (!view_.stats) {
      words.add("connecting to " + harmless(view_.url));
    } else {
      std::uint64_t lost = 0;
      bool losing = false;
      std::string why;
      for (const TopSink& sink : view_.stats->sinks) {
        const TopVerdict verdict = verdict_of(sink, view_.history);
        lost += sink.lost();
        losing = losing || verdict.losing;
        if (verdict.mood != TopVerdict::Mood::good) {
          why += (why.empty() ? "" : ", ") + harmless(sink.name) + " " + verdict.words;
        }
      }
      if (losing)
        words.add("Losing records: " + why, style::kBoldRed);
      else if (!why.empty())
        words.add(why + "; nothing is being lost", style::kYellow);
      else
        words.add("All records find their way" +
                      (lost > 0 ? "; " + grouped(lost) + " were lost before" : ""),
                  style::kGreen);
    }
    put(words);
  }

  /// Takes as many lines as needed: there is nothing to show but what is wrong and since when.
  void trouble(std::string_view text) {
    const std::size_t most = std::max(terminal_.columns, 2u) - 1;
    while (!text.empty() && lines_.size() < terminal_.rows) {
      std::size_t end = text.size();
      if (end > most) {
        const std::size_t blank = text.rfind(' ', most);
        end = blank == text.npos || blank == 0 ? most : blank;
      }
      Line words = line();
      words.add(text.substr(0, end), style::kBoldRed);
      put(words);
      text.remove_prefix(
          std::min(end + (end < text.size() && text[end] == ' ' ? 1 : 0), text.size()));
    }
  }

  void totals(const TopStats& stats) {
    double out = 0;
    double lost = 0;
    std::uint64_t waiting = 0;
    for (const TopSink& sink : stats.sinks) {
      out += view_.history.rate(sink.name, "delivered").value_or(0);
      lost += view_.history.rate(sink.name, "dropped").value_or(0);
      waiting += sink.count("pending") + sink.count("spooled");
    }
    Line words = line();
    words.add("in ").add(rate_text(view_.history.rate("", "submitted")), style::kBold);
    words.add("  out ").add(rate_text(out), style::kBold);
    words.add("  lost ").add(rate_text(lost), lost > 0 ? style::kBoldRed : style::kBold);
    words.add("  waiting ").add(grouped(waiting), style::kBold);
    words.add("  " + grouped(stats.lines) + " lines, " + bytes_text(stats.bytes));
    put(words);
  }

  /// The most detail that fits for all sinks together.
  Detail detail(std::size_t sinks) const {
    const std::size_t room = terminal_.rows > lines_.size() ? terminal_.rows - lines_.size() : 0;
    if (sinks * 8 <= room + 1) return Detail::full;
    return sinks * 3 <= room ? Detail::brief : Detail::row;
  }

  void sinks(const TopStats& stats) {
    const Detail chosen = detail(stats.sinks.size());
    for (std::size_t i = 0; i < stats.sinks.size(); ++i) {
      const std::size_t left = stats.sinks.size() - i;
      if (chosen == Detail::row && left > 1 && lines_.size() + 1 == terminal_.rows) {
        Line more = line();
        more.add("… and " + std::to_string(left) + " more sinks", style::kDim);
        return put(more);
      }
      sink(stats.sinks[i], chosen);
    }
  }

  void sink(const TopSink& sink, Detail chosen) {
    const TopVerdict verdict = verdict_of(sink, view_.history);
    if (chosen == Detail::row) return row(sink, verdict);
    Line title = line();
    title.add(harmless(sink.name), style::kBold).add(" " + harmless(sink.type), style::kDim);
    title.add_right(verdict.words, style_of(verdict.mood));
    put(title);
    queue(sink);
    rates(sink);
    if (chosen == Detail::brief) return;
    chart("out", "delivered", sink, style::kGreen);
    chart("queue", "queue_depth", sink, style::kMagenta);
    books(sink);
    error(sink);
    advice(sink);
    if (lines_.size() + 1 < terminal_.rows) put_empty();
  }

  void row(const TopSink& sink, const TopVerdict& verdict) {
    Line words = line();
    words.add(harmless(sink.name), style::kBold).add("  ");
    words.add(verdict.words, style_of(verdict.mood));
    words.add("  queue " + percent(sink.filled()) + "  out " +
              rate_text(view_.history.rate(sink.name, "delivered")) + "  lost " +
              grouped(sink.lost()));
    put(words);
  }

  static std::string percent(double share) {
    return std::to_string(static_cast<int>(std::ceil(share * 100 - 1e-9))) + " %";
  }

  void queue(const TopSink& sink) {
    const std::string text = " " + grouped(sink.count("queue_depth")) + " of " +
                             grouped(sink.count("queue_size")) + ", peak " +
                             grouped(sink.count("queue_depth_high_watermark"));
    const auto taken = static_cast<unsigned>(text.size());
    const unsigned width =
        terminal_.columns > taken + 20 ? std::min(terminal_.columns - taken - 9, 60u) : 0;
    const double filled = sink.filled();
    auto cells = static_cast<unsigned>(std::ceil(filled * width - 1e-9));
    Line words = line();
    words.add("  queue ");
    std::string bar;
    for (unsigned i = 0; i < cells; ++i) bar += terminal_.unicode ? "█" : "#";
    words.add(bar, filled > 0.9 ? style::kRed : filled > 0.6 ? style::kYellow : style::kMagenta);
    std::string rest;
    for (; cells < width; ++cells) rest += terminal_.unicode ? "░" : ".";
    words.add(rest, style::kDim).add(text);
    put(words);
  }

  void rates(const TopSink& sink) {
    const TopHistory& history = view_.history;
    const auto lost = history.rate(sink.name, "dropped");
    const double flushes = history.rate(sink.name, "flushes", 10).value_or(0);
    const double busy = history.rate(sink.name, "flush_seconds", 10).value_or(0);
    Line words = line();
    words.add("  in " + rate_text(history.rate(sink.name, "submitted")));
    words.add("  out " + rate_text(history.rate(sink.name, "delivered")));
    words.add("  lost ").add(rate_text(lost),
                             lost.value_or(0) > 0 ? style::kBoldRed : std::string_view());
    words.add("  latency " + seconds_text(flushes > 0 ? busy / flushes : 0));
    words.add("  p50 " + seconds_text(sink.p50) + "  p99 " + seconds_text(sink.p99));
    put(words);
  }

  /// The last two minutes, or as much of them as fits, with now at the right edge.
  void chart(const char* label, const char* key, const TopSink& sink, std::string_view style) {
    static constexpr const char* kBlocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static constexpr const char* kLetters[] = {" ", ".", ".", ":", "-", "=", "+", "*", "#"};
    const unsigned width =
        terminal_.columns > 30 ? std::min(terminal_.columns - 18, kChartColumns) : 0;
    const std::vector<double> points = view_.history.series(sink.name, key, width);
    const double top =
        std::max(points.empty() ? 0 : *std::max_element(points.begin(), points.end()), 1e-9);
    std::string bars;
    for (const double point : points) {
      const auto height = static_cast<std::size_t>(std::ceil(point / top * 8 - 1e-9));
      const std::size_t step = std::min<std::size_t>(height, 8);
      bars += terminal_.unicode ? kBlocks[step] : kLetters[step];
    }
    Line words = line();
    char name[16];
    std::snprintf(name, sizeof name, "  %-6s", label);
    words.add(name).add(bars, style).add(" max " + grouped(static_cast<std::uint64_t>(top)));
    put(words);
  }

  void books(const TopSink& sink) {
    Line words = line();
    words.add("  delivered " + grouped(sink.count("delivered")));
    if (sink.lost() > 0) {
      std::string reasons;
      for (const auto& [reason, count] : sink.dropped) {
        if (count > 0) reasons += (reasons.empty() ? "" : ", ") + grouped(count) + " " + reason;
      }
      words.add("  ").add("lost " + grouped(sink.lost()), style::kRed);
      words.add(" (" + harmless(reasons) + "; " + grouped(sink.protected_dropped) + " protected)");
    }
    for (const char* key :
         {"pending", "spooled", "dead_lettered", "diverted", "filtered", "retries"}) {
      if (sink.count(key) == 0) continue;
      std::string name = key;
      std::replace(name.begin(), name.end(), '_', '-');
      words.add("  " + name + " " + grouped(sink.count(key)));
    }
    put(words);
  }

  void error(const TopSink& sink) {
    Line words = line();
    if (!sink.last_error.empty()) {
      const bool now = sink.breaker != "closed" || sink.health != "good";
      words.add(now ? "  error: " : "  last error: ", now ? style::kRed : style::kDim);
      words.add(harmless(sink.last_error), now ? std::string_view() : style::kDim);
    }
    put(words);
  }

  /// Adds the advice only if no other sink loses its line for it.
  void advice(const TopSink& sink) {
    const std::size_t others = view_.stats->sinks.size() - 1;
    if (sink.advice.empty() || lines_.size() + others * 8 + 1 >= terminal_.rows) return;
    Line words = line();
    words.add("  would help: ", style::kYellow).add(harmless(sink.advice));
    put(words);
  }

  const TopView& view_;
  const TopTerminal& terminal_;
  std::vector<std::string> lines_;
};

}  // namespace

std::string top_frame(const TopView& view, const TopTerminal& terminal) {
  return Screen(view, terminal).draw();
}

}  // namespace ship
