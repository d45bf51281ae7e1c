#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "stage/choose/expression.hpp"
#include "stage/choose/filter.hpp"

namespace ship {

/// Keeps records of at least some severity.
class MinLevelFilter : public Filter {
 public:
  explicit MinLevelFilter(Severity least) : least_(least) {}

  std::string_view name() const override { return "min_level"; }
  std::size_t choose(std::span<Record> records, SteadyTime) override {
    const auto end = std::remove_if(records.begin(), records.end(), [this](const Record& record) {
      return record.level.severity < least_;
    });
    return static_cast<std::size_t>(end - records.begin());
  }

 private:
  Severity least_;
};

/// Keeps records for which an expression holds.
class WhereFilter : public Filter {
 public:
  explicit WhereFilter(Expression expression) : expression_(std::move(expression)) {}

  std::string_view name() const override { return "where"; }
  std::size_t choose(std::span<Record> records, SteadyTime) override {
    const auto end = std::remove_if(records.begin(), records.end(), [this](const Record& record) {
      return !expression_.holds(record);
    });
    return static_cast<std::size_t>(end - records.begin());
  }

 private:
  Expression expression_;
};

}  // namespace ship
