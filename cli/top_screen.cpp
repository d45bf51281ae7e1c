#include "cli/top_screen.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "base/number_text.hpp"
#include "cli/top_line.hpp"
#include "cli/top_text.hpp"
#include "record/json_text.hpp"
#include "sinks/terminal/terminal_style.hpp"
#include "sinks/terminal/terminal_text.hpp"

namespace ship {
namespace {

constexpr unsigned kChartColumns = 120;  // one for each second of two minutes
constexpr std::string_view kClearLine = "\x1b[K";

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
    if (view_.stats) sinks(view_.stats->sinks);
    std::string frame;
    for (std::size_t i = 0; i < terminal_.rows; ++i) {
      if (i > 0) frame += "\r\n";
      if (i < lines_.size()) frame += lines_[i];
      frame += kClearLine;
    }
    return frame;
  }

 private:
  /// What is left out where there is less room, the least important first.
  enum class Detail { all, no_advice, no_charts, numbers };

  TopLine line() const { return TopLine(terminal_); }
  void put(TopLine& made) { lines_.push_back(made.take()); }
  void put_empty() { lines_.emplace_back(); }
  void put_all(const std::vector<TopPiece>& pieces, unsigned indent = 4) {
    for (std::string& made : flow(pieces, indent, terminal_)) lines_.push_back(std::move(made));
  }

  void head() {
    TopLine title = line();
    title.add("fapilog-ship", style::kBold);
    if (view_.stats) {
      title.add(" " + harmless(view_.stats->version));
      if (!view_.stats->preset.empty()) title.add(" " + harmless(view_.stats->preset));
      title.add(", up " + top_text::uptime(view_.stats->uptime_seconds));
    }
    title.add_right(harmless(view_.url) + "  q quits", style::kDim);
    put(title);
    if (!view_.trouble.empty()) {
      put_all({{{harmless(view_.trouble), style::kBoldRed}}}, 0);
    } else {
      headline();
    }
    if (!view_.stats) return;
    totals(*view_.stats);
    if (view_.stats->shows_inputs()) inputs(view_.stats->inputs);
    if (terminal_.rows > 12) put_empty();
  }

  void headline() {
    if (!view_.stats) return put_all({{{"connecting to " + harmless(view_.url)}}}, 0);
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
    if (losing) return put_all({{{"Losing records: " + why, style::kBoldRed}}}, 0);
    if (!why.empty()) return put_all({{{why + "; nothing is being lost", style::kYellow}}}, 0);
    put_all(
        {{{"Everything is delivered" + (lost > 0 ? "; " + grouped(lost) + " were lost before" : ""),
           style::kGreen}}},
        0);
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
    put_all({{{"in "}, {top_text::rate(view_.history.rate("", "submitted")), style::kBold}},
             {{"out "}, {top_text::rate(out), style::kBold}},
             {{"lost "}, {top_text::rate(lost), lost > 0 ? style::kBoldRed : style::kBold}},
             {{"waiting "}, {grouped(waiting), style::kBold}},
             {{grouped(stats.lines) + " lines, " + bytes_text(stats.bytes)}}},
            0);
  }

  /// As many as leave three quarters of the screen to the sinks.
  void inputs(const std::vector<TopInput>& all) {
    const std::size_t room = terminal_.rows / 4;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i >= room) {
        TopLine more = line();
        more.add("  … and " + std::to_string(all.size() - i) + " more inputs", style::kDim);
        return put(more);
      }
      input(all[i]);
    }
  }

  void input(const TopInput& input) {
    const auto count = [](const std::map<std::string, std::uint64_t>& counts, const char* key) {
      const auto found = counts.find(key);
      return found == counts.end() ? 0 : found->second;
    };
    std::vector<TopPiece> pieces = {{{"  "}, {harmless(input.name), style::kBold}},
                                    {{top_text::rate(view_.history.rate(input.place(), "lines"))}},
                                    {{grouped(count(input.counts, "lines")) + " lines"}}};
    if (!input.connections.empty()) {
      pieces.push_back({{counted(count(input.connections, "now"), "connection")}});
      if (const std::uint64_t refused = count(input.connections, "refused"); refused > 0) {
        pieces.push_back({{grouped(refused) + " refused", style::kYellow}});
      }
      if (const std::uint64_t cut = count(input.counts, "cut"); cut > 0) {
        pieces.push_back({{grouped(cut) + " cut", style::kYellow}});
      }
    }
    put_all(pieces);
  }

  /// The most that all sinks together have room for; nothing of it is cut.
  void sinks(const std::vector<TopSink>& all) {
    const std::size_t before = lines_.size();
    for (const Detail detail :
         {Detail::all, Detail::no_advice, Detail::no_charts, Detail::numbers}) {
      for (const TopSink& sink : all) {
        show(sink, detail);
        if (detail != Detail::numbers) put_empty();
      }
      while (lines_.size() > before && lines_.back().empty()) lines_.pop_back();
      if (lines_.size() <= terminal_.rows) return;
      lines_.resize(before);
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::size_t left = all.size() - i;
      if (left > 1 && lines_.size() + 1 == terminal_.rows) {
        TopLine more = line();
        more.add("… and " + std::to_string(left) + " more sinks", style::kDim);
        return put(more);
      }
      row(all[i]);
    }
  }

  /// The cause before what follows from it.
  void show(const TopSink& sink, Detail detail) {
    const TopVerdict verdict = verdict_of(sink, view_.history);
    TopLine title = line();
    title.add(harmless(sink.name), style::kBold).add(" " + harmless(sink.type), style::kDim);
    title.add_right(verdict.words, style_of(verdict.mood));
    put(title);
    const bool fails = sink.breaker != "closed" || sink.health != "good";
    const bool has_error = !sink.last_error.empty() && detail != Detail::numbers;
    if (has_error && fails) {
      put_all({{{"  error: ", style::kRed}, {harmless(sink.last_error)}}});
    }
    if (!sink.advice.empty() && (detail == Detail::all || detail == Detail::no_charts)) {
      put_all({{{"  would help: ", style::kYellow}, {harmless(sink.advice)}}});
    }
    queue(sink);
    rates(sink);
    if (detail == Detail::numbers) return;
    if (detail != Detail::no_charts) {
      chart("out", "delivered", sink, style::kGreen);
      chart("queue", "queue_depth", sink, style::kMagenta);
    }
    books(sink);
    if (has_error && !fails) {
      put_all({{{"  last error: " + harmless(sink.last_error), style::kDim}}});
    }
  }

  /// What there is room for, whole.
  void row(const TopSink& sink) {
    const TopVerdict verdict = verdict_of(sink, view_.history);
    TopLine words = line();
    words.add(harmless(sink.name), style::kBold).add("  ");
    words.add(verdict.words, style_of(verdict.mood));
    for (const std::string& more :
         {"  lost " + grouped(sink.lost()), "  queue " + percent(sink.filled()),
          "  out " + top_text::rate(view_.history.rate(sink.name, "delivered"))}) {
      if (display_width(more) <= words.left()) words.add(more);
    }
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
    TopLine words = line();
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
    put_all({{{"  in " + top_text::rate(history.rate(sink.name, "submitted"))}},
             {{"out " + top_text::rate(history.rate(sink.name, "delivered"))}},
             {{"lost "},
              {top_text::rate(lost), lost.value_or(0) > 0 ? style::kBoldRed : std::string_view()}},
             {{"latency " + top_text::seconds(flushes > 0 ? busy / flushes : 0)}},
             {{"p50 " + top_text::seconds(sink.p50)}},
             {{"p99 " + top_text::seconds(sink.p99)}}});
  }

  /// The last two minutes, or as much of them as fits, with now at the right edge.
  void chart(const char* label, const char* key, const TopSink& sink, std::string_view style) {
    static constexpr const char* kBlocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static constexpr const char* kLetters[] = {" ", ".", ".", ":", "-", "=", "+", "*", "#"};
    const unsigned width =
        terminal_.columns > 30 ? std::min(terminal_.columns - 22, kChartColumns) : 0;
    const std::vector<double> points = view_.history.series(sink.name, key, width);
    const double top =
        std::max(points.empty() ? 0 : *std::max_element(points.begin(), points.end()), 1e-9);
    std::string bars;
    for (const double point : points) {
      const auto height = static_cast<std::size_t>(std::ceil(point / top * 8 - 1e-9));
      const std::size_t step = std::min<std::size_t>(height, 8);
      bars += terminal_.unicode ? kBlocks[step] : kLetters[step];
    }
    TopLine words = line();
    char name[16];
    std::snprintf(name, sizeof name, "  %-6s", label);
    words.add(name).add(bars, style).add(" max " + grouped(static_cast<std::uint64_t>(top)));
    put(words);
  }

  void books(const TopSink& sink) {
    std::vector<TopPiece> pieces = {{{"  delivered " + grouped(sink.count("delivered"))}}};
    if (sink.lost() > 0) {
      std::string reasons;
      for (const auto& [reason, count] : sink.dropped) {
        if (count > 0) reasons += (reasons.empty() ? "" : ", ") + grouped(count) + " " + reason;
      }
      pieces.push_back(
          {{"lost " + grouped(sink.lost()), style::kRed},
           {" (" + harmless(reasons) + "; " + grouped(sink.protected_dropped) + " protected)"}});
    }
    for (const char* key :
         {"pending", "spooled", "dead_lettered", "diverted", "filtered", "retries"}) {
      if (sink.count(key) == 0) continue;
      std::string name = key;
      std::replace(name.begin(), name.end(), '_', '-');
      pieces.push_back({{name + " " + grouped(sink.count(key))}});
    }
    if (sink.count("requests_in_flight") > 0) {
      pieces.push_back({{"requests " + grouped(sink.count("requests_in_flight")) + " of " +
                         grouped(sink.count("requests_limit"))}});
    }
    if (sink.count("bytes_sent") > 0) {
      pieces.push_back({{"sent " + bytes_text(sink.count("bytes_sent"))}});
    }
    put_all(pieces);
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
