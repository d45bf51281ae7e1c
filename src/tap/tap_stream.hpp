#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/arena.hpp"
#include "base/clock.hpp"
#include "stage/choose/expression.hpp"
#include "stage/pipeline.hpp"
#include "stats/admin/web_stream.hpp"
#include "tap/tap_hub.hpp"

namespace ship {

/// What a reader of a tap gets: the records that it looks at, each a line, and between them notes,
/// lines that begin with '#' as no record does:
///
///   #tap in                what is shown: in, raw or out
///   #sink NAME             the records that follow are of this sink
///   #left out 1234         so many were, here: the reader was slow
///   #                      nothing at the moment
///
/// It is chosen and redacted here, on the thread of who reads.
class TapStream final : public WebStream {
 public:
  /// Without a valid `redaction` records go as they are. While the plan is being made nothing comes;
  /// a record that cannot be redacted does not come. `hub` and `clock` outlive it.
  TapStream(const TapHub& hub, std::unique_ptr<TapHub::Reader> reader,
            std::optional<Expression> where, FuturePlan redaction, std::string_view what,
            Clock& clock);

  std::size_t read(std::span<char> room) override;
  bool has_news() const override;

 private:
  bool is_ready();
  void take(SteadyTime until);
  void take_one();
  /// False: it must not be shown.
  bool redact(Record& record);
  void note_left_out(std::uint64_t count);

  const TapHub& hub_;
  std::unique_ptr<TapHub::Reader> reader_;
  std::optional<Expression> where_;
  FuturePlan plan_;
  Clock& clock_;
  std::unique_ptr<Pipeline> pipeline_;  ///< null: no redaction, or not yet
  Arena arena_;
  TapRing::Taken taken_;
  std::uint32_t point_ = 0;  ///< of the record before
  std::string text_;         ///< yet to be read, from `sent_` on
  std::size_t sent_ = 0;
  SteadyTime last_;
};

}  // namespace ship
