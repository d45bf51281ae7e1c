#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "sinks/sink.hpp"
#include "sinks/sink_type.hpp"

namespace ship {

/// The settings of a sink of any type: a value that knows its type, so that only the destination's
/// own folder and the list of types depend on what they are. Immutable.
class SinkKind {
 public:
  /// No destination; nothing can be made from it.
  SinkKind() = default;
  template <class S>
  requires requires { S::type(); }
  SinkKind(S settings)  // NOLINT(google-explicit-constructor): `sink.kind = LokiSinkSettings{}`
      : type_(&S::type()), settings_(std::make_shared<S>(std::move(settings))) {}
  /// Settings of `type`, with the defaults as modified by `fill`.
  SinkKind(const SinkType& type, const std::function<void(void* settings)>& fill) : type_(&type) {
    const std::shared_ptr<void> settings = type.create();
    fill(settings.get());
    settings_ = settings;
  }

  /// Null without a destination.
  const SinkType* type() const { return type_; }
  /// Its settings if they are an S, else null.
  template <class S>
  const S* get() const {
    return type_ == &S::type() ? static_cast<const S*>(settings_.get()) : nullptr;
  }
  /// The name of another sink that gets its notes, see Sink::take_notes; empty: none.
  std::string_view anchor() const {
    return type_ ? type_->anchor(settings_.get()) : std::string_view();
  }
  /// What is right and may still surprise, a sentence each, see describe_sink.
  std::vector<std::string> remarks(const Labels& labels) const {
    return type_ ? type_->remarks(settings_.get(), labels) : std::vector<std::string>();
  }
  bool operator==(const SinkKind& other) const {
    return type_ == other.type_ && (!type_ || type_->equal(settings_.get(), other.settings_.get()));
  }

  /// A sink for one worker. Opens nothing yet: what cannot be reached becomes a verdict later, not
  /// an error here. Errors: config (a certificate that cannot be read, a feature not built in).
  Result<std::unique_ptr<Sink>> make(const Labels& labels,
                                     const SinkEnvironment& environment) const {
    if (!type_) return Error{ErrorKind::config, "no destination"};
    return type_->make(settings_.get(), labels, environment);
  }

 private:
  const SinkType* type_ = nullptr;
  std::shared_ptr<const void> settings_;
};

}  // namespace ship
