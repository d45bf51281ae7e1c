#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.hpp"
#include "stage/pipeline.hpp"
#include "stage/redact/redactor.hpp"

namespace ship {

/// Redacts text that is not a record, as if it were the message of one: input lines on their way to
/// the dead letters. One thread at a time.
class TextRedactor {
 public:
  /// `plan` must have a redaction.
  explicit TextRedactor(const PipelinePlan& plan)
      : redactor_(plan.redaction), on_error_(plan.on_redact_error) {}

  /// The text without what the settings name, otherwise byte for byte as it came. None: it could
  /// not be redacted and must not be kept.
  std::optional<std::string> redacted(std::string_view text);

 private:
  Redactor redactor_;
  RedactSettings::OnError on_error_;
  Arena arena_;
};

/// Returns a function that calls `redacted` on a redactor that it keeps, or returns the text
/// unchanged if `plan` has no redaction. Waits until the plan is ready.
std::function<std::optional<std::string>(std::string_view)> text_redaction(FuturePlan plan);

}  // namespace ship
