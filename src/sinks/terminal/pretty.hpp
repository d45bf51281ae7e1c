#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "record/record.hpp"
#include "sinks/terminal/pretty_parts.hpp"
#include "sinks/terminal/terminal_style.hpp"

namespace ship {

/// Turns records into what a person wants to read on a terminal:
///
///   09:09:09.624 ERROR    order failed  order_id=18 url=postgres://db/orders
///   correlation_id=req-704c01af
///       Traceback (most recent call last):
///         File "/srv/app/orders.py", line 16, in <module>
///       KeyError: 'missing'
///
/// First comes the caller's own data, the most telling fields first; then the request's context,
/// dimmed; facts about the process (service, host, pid …) only if they differ from the previous
/// record. Nested fields are dotted; multi-line texts are indented below; null context, the message
/// id and the schema's version are left out. Text that was not JSON passes unchanged. Nothing in a
/// record can write to the terminal but visible text (see append_harmless). One thread.
class PrettyFormat {
 public:
  struct Options {
    bool color = false;
    bool utc = false;  ///< times in UTC with a Z, else in the machine's own zone
    /// Columns of the terminal: fields that do not fit move to the next line. 0: never break.
    std::function<unsigned()> width = [] { return 0u; };
    Clock* clock = &system_clock();                ///< records from another day show the date
    std::vector<std::string> message_fields = {};  ///< as in KnownPlaces
  };
  explicit PrettyFormat(Options options) : options_(std::move(options)), pen_(options_.color) {}

  /// Appends the record's text, one or more lines, each ended by a newline.
  void append(const Record& record, std::string& out);

 private:
  std::string time_text(WallNanos time) const;
  bool is_plain_text(const Record& record) const;
  void append_plain_text(std::string& out) const;
  void append_line(const Record& record, std::string& out);
  std::vector<Pair> changed_facts();

  Options options_;
  Pen pen_;
  PrettyParts parts_;
  std::vector<Pair> last_facts_;
};

}  // namespace ship
