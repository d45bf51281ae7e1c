#include "assembly/dead_letter_file.hpp"

#include "stage/redact/text_redactor.hpp"

namespace ship {

Result<std::unique_ptr<DeadLetters>> open_dead_letters(const Settings& settings,
                                                       const SinkEnvironment& environment,
                                                       const FuturePlan& pipeline) {
  if (!settings.keep.empty()) {
    auto made = environment.files->make_directory(settings.keep, 0700);
    if (!made) return std::move(made).error().in("keep");
  }
  if (settings.dead_letter.path.empty()) return std::unique_ptr<DeadLetters>();
  DeadLettersOptions options;
  options.path = settings.dead_letter.path;
  if (pipeline.valid()) options.redact = text_redaction(pipeline);
  return DeadLetters::open(*environment.files, *environment.clock, options, environment.log);
}

}  // namespace ship
